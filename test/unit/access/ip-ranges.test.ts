import { describe, expect, it } from "vitest";
import { inRanges, parseIp, parseRange } from "../../../workers/shared/ip-ranges.ts";

const within = (range: string, address: string): boolean => {
  const parsed = parseRange(range);
  if (parsed === undefined) throw new Error(`not a range: ${range}`);
  return inRanges([parsed], address);
};

describe("a range of addresses", () => {
  it.each([
    ["10.0.0.0/8", "10.0.0.0", true],
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "9.255.255.255", false],
    ["192.168.4.0/23", "192.168.5.255", true],
    ["192.168.4.0/23", "192.168.6.0", false],
    ["203.0.113.7", "203.0.113.7", true],
    ["203.0.113.7", "203.0.113.8", false],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["255.255.255.255/32", "255.255.255.255", true],
    ["2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:DB8::/32", "2001:0db8::1", true],
    ["2001:db8::8000/113", "2001:db8::ffff", true],
    ["2001:db8::8000/113", "2001:db8::7fff", false],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["::/0", "2001:db8::1", true],
    ["::/0", "10.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["10.0.0.0/8", "::ffff:0a01:0203", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["::ffff:10.0.0.0/104", "11.1.2.3", false],
  ] as const)("%s has %s: %s", (range, address, expected) => {
    expect(within(range, address)).toBe(expected);
  });

  it.each([
    "",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0",
    "10.0.0.0.0",
    "010.0.0.1",
    "10.0.0.256",
    "0x0a.0.0.1",
    "10.0.0.1 ",
    "localhost",
    "2001:db8::1/32",
    "2001:db8::/129",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "1:2:3:4::5:6:7:8",
    ":1:2:3:4:5:6:7",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "[::1]",
    "1.2.3.4::",
    "::ffff:10.0.0.0/90",
  ])("is not %j", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  it("has no text that is no address", () => {
    for (const text of ["", "unknown", "10.0.0.1:443", "10.0.0.1, 10.0.0.2"]) {
      expect([text, within("0.0.0.0/0", text), within("::/0", text)]).toEqual([text, false, false]);
      expect(parseIp(text)).toBeUndefined();
    }
  });
});
