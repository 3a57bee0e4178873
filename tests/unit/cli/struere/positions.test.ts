import { expect, test } from "vitest";
import { positionsIn } from "#cli/struere/positions.ts";

/** A file whose mark `‸` is where a path leads. */
const CASES: readonly [what: string, path: string, marked: string][] = [
  [
    "a field",
    "name",
    'import { defineAgent } from "struere";\n\nexport default defineAgent({\n  ‸name: 5,\n});\n',
  ],
  ["a field below", "model.temperature", "export default defineAgent({ model: {\n  ‸temperature: 9 } });"],
  ["an element", "tools[1]", 'export default defineAgent({ tools: ["a", ‸7] });'],
  ["a field of an element", "policies[1].effect", "export default f({ policies: [{}, { ‸effect: 1 }] });"],
  ["a quoted name", 'schema["b-c"]', 'export default f({ schema: { ‸"b-c": 1 } });'],
  ["the last of two", "a", "export default f({ a: 1, ‸a: 2 });"],
  ["a name like a number", "schema.5", "export default f({ schema: { ‸5: 1 } });"],
  ["what is missing: its object", "schema.properties", "export default f({ a: 1, ‸schema: {} });"],
  ["what is missing at the top", "name", "export default f(‸{ a: 1 });"],
  ["the definition itself", "", "export default f(‸{ a: 1 });"],
  ["a plain object", "name", "export default { ‸name: 1 };"],
  ["a cast", "name", "export default { ‸name: 1 } satisfies Agent as unknown as Other;"],
  ["a constant", "name", "const agent: Agent = { ‸name: 1 };\nexport default f(agent);"],
  ["a constant below", "model.name", "const model = { ‸name: 1 };\nexport default f({ model });"],
  ["an exported constant", "name", "export const agent = { ‸name: 1 };\nexport default agent;"],
  ["what another file has", "model.name", 'import { model } from "./m";\nexport default f({ ‸model });'],
  ["behind a spread", "tools[1]", "export default f({ ‸tools: [...others, 7] });"],
  ["what a spread has", "name", "export default f(‸{ ...base });"],
  ["with CRLF", "b", "export default f({\r\n  a: 1,\r\n  ‸b: 2,\r\n});\r\n"],
  ["beside a computed name", "a", 'export default f({ ["a"]: 1, ‸a: 2 });'],
  ["below a text", "a.b", "export default f({ ‸a: 'text' });"],
  ["a name that only looks quoted", String.raw`["\q"].a`, "export default f(‸{ a: 1 });"],
  ["a prototype's name", "constructor", "export default f(‸{ a: 1 });"],
];

test.each(CASES)("%s is found", (_what, path, marked) => {
  const before = marked.slice(0, marked.indexOf("‸")).split("\n");
  const expected = { line: before.length, column: before.at(-1)!.length + 1 };
  expect(positionsIn(marked.replace("‸", ""))(path)).toEqual(expected);
});

test.each([
  ["no default export", "export const a = 1;"],
  ["nothing", ""],
  ["no program", "export default f({ a: ;;; })) }"],
  ["what is deeper than a parser goes", `export default f(${"[".repeat(100_000)}`],
])("of %s there's no position, and no error", (_what, source) => {
  expect(positionsIn(source)("name")).toBeUndefined();
});

test("constants that name each other come to an end", () => {
  expect(positionsIn("const a = b, b = a;\nexport default f(a);")("name")).toBeDefined();
});
