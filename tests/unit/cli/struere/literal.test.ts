import { expect, test } from "vitest";
import { evaluate } from "#cli/struere/evaluate.ts";
import { literalDefinition } from "#cli/struere/literal.ts";

const file = (value: string, builder = "defineAgent") =>
  `import { ${builder} } from "struere";\n\nexport default ${builder}(${value});\n`;

/** Files of plain values, however they are written. */
const PLAIN = [
  file("{}"),
  file('{ a: 1, "b-c": [true, false, null,], \'d\': "x", }'),
  file("{ a: `one\r\ntwo\rthree`, b: `\\`\\${x}$ $$\\\\` }"),
  file('{ a: "\\u00e9\\n\\t\\\\\\"\\\'", b: \'\\"\' }'),
  file("{ a: -1.5e3, b: 0, c: 1e-7, d: 123456789012345680000 }"),
  file("{ // a note\n  a: 1, /* b: 2, */ c: [ /* none */ ] }"),
  file("{ a: 1, a: 2, 'b': 3, 2: 1 }".replace(", 2: 1", "")),
  file('{ ["__proto__"]: { x: 1 }, constructor: "c", toString: "t" }'),
  file('{ "10": 1, "9": 2, b: 3 }'),
  file("{ a: 1 }").replaceAll("\n", "\r\n"),
  file('{ a: "\u2028 🎈" }'),
  file("{ get: 1, async: 2, default: 3, new: 4 }"),
];

/** Files that have to be run: each differs in its own way from plain values. */
const OTHERS = [
  file("{ __proto__: { a: 1 } }"),
  file('{ "__proto__": { a: 1 } }'),
  file("{ a: `${1 + 1}` }"),
  file("{ a: 1 + 1 }"),
  file("{ a: (1) }"),
  file("{ a: undefined }"),
  file("{ a: NaN }"),
  file("{ a: () => 'x' }"),
  file("{ a() { return 1; } }"),
  file("{ get a() { return 1; } }"),
  file("{ ...{ a: 1 } }"),
  file("{ [`a`]: 1 }"),
  file("{ a: [,1] }"),
  file("{ a: 0x10 }"),
  file("{ a: 010 }"),
  file("{ a: 1n }"),
  file("{ a: 1_000 }"),
  file("{ a: .5 }"),
  file("{ a: -0 }"),
  file("{ a: 1e999 }"),
  file("{ a: '\\x41' }"),
  file("{ a: '\\0' }"),
  file("{ a: '\\u{41}' }"),
  file("{ a: 'x\\\ny' }"),
  file("{ a: 1 } as const"),
  file("{ a: 1 }, 2"),
  file("[1]").replace("[1]", "1"),
  file("{ a: 1 }").replace("defineAgent(", "defineRole("),
  file("{ a: 1 }", "defineTools"),
  file("{ a: 1 }").replace('"struere"', '"./other.ts"'),
  `${file("{ a: 1 }")}export const b = 1;\n`,
  `const defineAgent = () => 5;\n${file("{ a: 1 }")}`,
  file(`${"[".repeat(200)}${"]".repeat(200)}`),
  "",
  "export default { a: 1 };",
];

test("plain values are what a run makes of them", { timeout: 240_000 }, async () => {
  const jobs = PLAIN.map((source, i) => ({ file: `agents/${i}.ts`, source }));
  const run = await evaluate(jobs, async () => await Promise.reject(new Error("none")));
  for (const [i, result] of run.entries())
    expect(literalDefinition(PLAIN[i]!), PLAIN[i]).toBe(result.ok ? result.json : result.message);
});

test.each(OTHERS)("%j has to be run", (source) => {
  expect(literalDefinition(source)).toBeUndefined();
});

test("a large file takes no longer than it is", () => {
  const deep = file(`{ a: ${"[".repeat(90)}1${"]".repeat(90)} }`);
  expect(literalDefinition(deep)).toBeDefined();
  const large = file(`{ a: \`${"x\\n$ ".repeat(100_000)}\`, b: [${"/* */ 1, ".repeat(20_000)}] }`);
  expect(literalDefinition(large)!.length).toBeGreaterThan(400_000);
  expect(literalDefinition(file(`{ a: "${"x".repeat(900_000)}`))).toBeUndefined();
});
