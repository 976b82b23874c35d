/**
 * Texts that would do harm if any of them ever stood in a statement, each with a mark that no statement has of its own. Used by the
 * tests of everything that makes SQL out of what clients say.
 */

export const MARK = "zqx";

const SEEDS = [
  "'",
  '"',
  "`",
  "\\",
  "\\'",
  "\\\\'",
  "''",
  "' OR 1=1 --",
  "' OR '1'='1",
  "'; DROP TABLE events; --",
  "') UNION ALL SELECT * FROM events --",
  "') OR org_id != '",
  "', 'a'), 1) OR (1=1",
  "1) OR (1=1",
  "] AS parts FROM events --",
  ") AS d0, (SELECT 1",
  "`a` AS `b`",
  "{p0:String}",
  "{p0:Identifier}",
  "{org:Identifier}",
  "$" + "{1+1}",
  "/* */",
  "*/ 1 /*",
  "-- ",
  "#",
  "\u0000",
  "\n--",
  "\r\n",
  "\t",
  "\u2028",
  "%27",
  "%s",
  "％27",
  "ʼ",
  "＇",
  "\u202e",
  "🚀'",
  "SETTINGS readonly=0",
  "LIMIT 1e9",
  "INTO OUTFILE '/etc/passwd'",
  "FORMAT Null",
  "url('http://evil.example')",
  "file('/etc/passwd')",
  "system.users",
  "sleepEachRow(3)",
  "dictGet('a','b',1)",
  "$.a[0]",
  "a.b",
  "a\\.b",
  "__proto__",
];

/** Around the mark, before it, behind it, and after a quote that would end a text. All are well formed. */
export const INJECTIONS: readonly string[] = [
  ...new Set(SEEDS.flatMap((seed) => [`${MARK}${seed}`, `${seed}${MARK}`, `'${seed}${MARK}`])),
];
