/** Tables as CSV: what a reader of the format gets back, and what a spreadsheet must not run. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOf } from "../../../web/src/ui/csv.ts";

const FORMULA = /^[=+@\t\r\uFF1D\uFF0B\uFF0D\uFF20-]/;
const text = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", "'", "=", "-", " ", "é", "🚀", "\uFF1D") });
const cell = fc.oneof(text, fc.integer(), fc.constant(null));

describe("CSV", () => {
  it("gives every cell back as it was, but for formulas, which become text", () => {
    const table = fc.array(fc.tuple(fc.constant("row"), cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        const read: unknown = parse(csvOf({ titles: ["a", "b", "c"], cells: rows }), {
          relax_column_count: false,
          record_delimiter: "\n",
        });
        const expected = rows.map((row) =>
          row.map((value) =>
            typeof value === "string" && FORMULA.test(value) ? `'${value}` : value === null ? "" : String(value),
          ),
        );
        expect(read).toEqual([["a", "b", "c"], ...expected]);
      }),
      { numRuns: 500 },
    );
  });

  it("runs no formula of a name, and leaves negative numbers numbers", () => {
    expect(csvOf({ titles: ["name", "change"], cells: [['=HYPERLINK("x")', -5]] })).toBe(
      'name,change\n"\'=HYPERLINK(""x"")",-5\n',
    );
    expect(csvOf({ titles: ["name"], cells: [["-x"], ["\uFF1Dx"], [" =x"]] })).toBe("name\n'-x\n'\uFF1Dx\n =x\n");
  });
});
