/** What the browser helper tells people who have no browser. */
import { describe, expect, it } from "vitest";
import { whatToDo } from "../../support/browser.ts";

describe("without a browser", () => {
  it("names the package of the missing library", () => {
    const said = "chromium: error while loading shared libraries: libnspr4.so: cannot open shared object file";
    expect(whatToDo("linux", said)).toContain("apt-get install -y libnspr4");
  });

  it("names all packages when nobody knows what is missing, and Chrome elsewhere", () => {
    expect(whatToDo("linux", "Timeout")).toContain("libnss3 libnspr4 libexpat1");
    expect(whatToDo("darwin", "no channel")).toContain("Google Chrome");
  });
});
