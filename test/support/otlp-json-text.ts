/**
 * Log exports as JSON text in many spellings, for fast-check: as exporters write them, and in any way that JSON allows. Used by the
 * test that holds two readers equal. Values are of every type, with numbers and texts that are easy to read wrongly.
 */
import fc from "fast-check";

/** `exporter`: compact, known names, each once. `any`: also other names, orders, spellings and white space, names twice, odd values. */
export type Spelling = "exporter" | "any";

type Text = fc.Arbitrary<string>;
/** A member as text: name and value are JSON already. */
type Member = [name: string, value: string];

const content = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("", "a", "event.name", "session.id", "x y", "é", "🚀", "}},{", "7") },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '"',
      "\\",
      '\\"',
      "\\\\",
      '"}}',
      "\n\t",
      "\ud800",
      "__proto__",
      "toString",
      "x".repeat(300),
    ),
  },
);
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.bigInt({ min: 10n ** 14n, max: 10n ** 18n }).map(String),
  fc.constantFrom(
    "0",
    "-0",
    "1E+2",
    "1.50",
    "1e999",
    "-1e999",
    "123456789012345",
    "1234567890123456",
    "9007199254740993",
  ),
);
const list = (items: Text): Text => fc.array(items, { maxLength: 4 }).map((all) => `[${all.join(",")}]`);

/** JSON of a string with every unit of it escaped. */
const escaped = (value: string): string =>
  `"${Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;

/** What is written in one spelling. */
function writer(spelling: Spelling) {
  const any = spelling === "any";
  /** One time in `times`, and never as exporters write. */
  const seldom = (times: number): fc.Arbitrary<boolean> =>
    any ? fc.integer({ min: 1, max: times }).map((n) => n === 1) : fc.constant(false);
  const text: Text = fc
    .tuple(content, seldom(80))
    .map(([value, odd]) => (odd ? escaped(value) : JSON.stringify(value)));
  const numeric: Text = fc.oneof(
    number,
    number.map((digits) => `"${digits}"`),
  );
  const odd: Text = fc.oneof(
    text,
    numeric,
    fc.constantFrom(
      "null",
      "true",
      '"true"',
      '"NaN"',
      "[]",
      "{}",
      "[null]",
      "01",
      "1.",
      "tru",
      '"\\x"',
      '"\t"',
      "1 2",
      "",
    ),
  );
  const oddly = (usual: Text): Text => fc.tuple(usual, odd, seldom(400)).map(([a, b, other]) => (other ? b : a));
  const name = (usual: string): Text =>
    fc
      .tuple(
        seldom(600),
        fc.constantFrom(
          escaped(usual),
          JSON.stringify(usual.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)),
          '"else"',
        ),
      )
      .map(([other, spelt]) => (other ? spelt : JSON.stringify(usual)));
  const space: Text = fc
    .tuple(seldom(900), fc.constantFrom(" ", "\n", "\t"))
    .map(([there, which]) => (there ? which : ""));

  /** An object of these members, some of them left out. */
  const object = (members: Readonly<Record<string, Text>>, needed: readonly string[] = []): Text => {
    const written = Object.entries(members).map(([key, value]) =>
      fc
        .tuple(name(key), oddly(value), fc.boolean())
        .map(([n, v, there]): Member[] => (there || needed.includes(key) ? [[n, v]] : [])),
    );
    return fc
      .tuple(fc.tuple(...written), seldom(200), seldom(60), fc.nat(9), space, space)
      .map(([parts, turned, twice, which, one, two]) => {
        const all = parts.flat();
        if (turned) all.reverse();
        const again = all[which];
        if (twice && again !== undefined) all.push([again[0], which % 2 === 0 ? again[1] : (all.at(-1)?.[1] ?? "0")]);
        return `{${one}${all.map(([n, v]) => `${n}:${two}${v}`).join(",")}}`;
      });
  };
  const attributesOf = (value: Text): Text => list(object({ key: text, value }, ["key", "value"]));
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: oddly(
      fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        object({ stringValue: text }, ["stringValue"]),
        object({ intValue: numeric }, ["intValue"]),
        object({ doubleValue: fc.oneof(numeric, fc.constantFrom('"NaN"', '"-Infinity"')) }, ["doubleValue"]),
        object({ boolValue: fc.constantFrom("true", "false") }, ["boolValue"]),
        object({ bytesValue: fc.constantFrom('"AQL/"', '""') }, ["bytesValue"]),
        fc.constant("{}"),
        object({ arrayValue: object({ values: list(tie("value")) }) }, ["arrayValue"]),
        object({ kvlistValue: object({ values: attributesOf(tie("value")) }) }, ["kvlistValue"]),
      ),
    ),
  }));
  const attributes = attributesOf(value);
  const time = fc.constantFrom('"1795368777742000000"', '"0"', "1795368777742000000", '"18446744073709551616"', "null");
  const record = object({
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: fc.constantFrom("9", "0", '"SEVERITY_NUMBER_WARN"', '"17"'),
    severityText: text,
    eventName: text,
    body: value,
    attributes: fc.oneof(attributes, fc.constant("null")),
    droppedAttributesCount: number,
    flags: number,
    traceId: fc.constantFrom('""', '"0af7651916cd43dd8448eb211c80319c"', '"CvdlGRbNQ92ESOshHIAxnA=="', "null"),
    spanId: fc.constantFrom('""', '"00f067aa0ba902b7"'),
  });
  const scope = fc.oneof(
    object({ name: text, version: text, attributes, droppedAttributesCount: number }),
    fc.constant("null"),
  );
  const scopeLogs = object({ scope, logRecords: list(record), schemaUrl: text }, ["logRecords"]);
  const resource = fc.oneof(
    object({ attributes, droppedAttributesCount: number, entityRefs: fc.constant("[]") }),
    fc.constant("null"),
  );
  const resourceLogs = object({ resource, scopeLogs: list(scopeLogs), schemaUrl: text }, ["scopeLogs"]);
  return object({ resourceLogs: list(resourceLogs) }, ["resourceLogs"]);
}

/** Texts of whole exports. */
export const exportTexts: Readonly<Record<Spelling, Text>> = { exporter: writer("exporter"), any: writer("any") };
