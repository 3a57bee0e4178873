import { describe, expect, test } from "vitest";
import { readDefinitionSource } from "#client/definition-source.ts";
import { DEFINITION_KINDS, definitionSource } from "#domain/definitions.ts";

const [AGENT] = DEFINITION_KINDS;
const file = (argument: string) =>
  `import { defineAgent } from "struere";\n\nexport default defineAgent(${argument});\n`;

/** A source of numbers from 0 to 1 that gives the same ones each time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const PIECES = [
  "plain",
  "\n",
  "\r\n",
  "\r",
  "`",
  "${",
  "}",
  "\\",
  "\\u",
  '"',
  "'",
  "ü",
  "🎈",
  "\u2028",
  "\u2029",
  "\0",
  "\x07",
  "\ud800",
  "{{x}}",
  "//",
  "/* */",
  "\t",
  "\ufeff",
  "1",
  "__proto__",
];

function text(random: () => number): string {
  return Array.from(
    { length: Math.floor(random() * 6) },
    () => PIECES[Math.floor(random() * PIECES.length)],
  ).join("");
}

function value(random: () => number, depth = 0): unknown {
  const kind = Math.floor(random() * (depth > 3 ? 4 : 6));
  if (kind === 0) return text(random);
  if (kind === 1) return Math.round((random() - 0.5) * 1e6) / 100;
  if (kind === 2) return random() > 0.5;
  if (kind === 3) return null;
  const items = Array.from({ length: Math.floor(random() * 4) }, () => value(random, depth + 1));
  if (kind === 4) return items;
  return Object.fromEntries(
    items.map((item, index) => [random() > 0.5 ? text(random) : `key${index}`, item]),
  );
}

describe("a definition's file, read as data", () => {
  test("has every value that was written to it", async () => {
    const random = randomOf(21);
    for (let round = 0; round < 400; round += 1) {
      const definition = { slug: "a", value: value(random), ["__proto__x"]: text(random) };
      const read = await readDefinitionSource("agent", definitionSource(AGENT, definition));
      expect(read).toEqual({ ok: true, value: JSON.parse(JSON.stringify(definition)) });
    }
  });

  test("takes what people write by hand", async () => {
    const read = await readDefinitionSource(
      "agent",
      `// Ours.\n${file(`{
        name: 'It\\'s',
        "quoted key": 1_000,
        slug: "a", /* why */
        temperature: -0.5,
        big: 0x10,
        list: [1, "two", [true, null]],
        prompt: \`one
  two \\\${kept}\`,
        nested: ({ a: {}, }),
      }`)}`,
    );
    expect(read).toEqual({
      ok: true,
      value: {
        name: "It's",
        "quoted key": 1000,
        slug: "a",
        temperature: -0.5,
        big: 16,
        list: [1, "two", [true, null]],
        prompt: "one\n  two ${kept}",
        nested: { a: {} },
      },
    });
  });

  test("sets no prototype", async () => {
    const read = await readDefinitionSource("agent", file("{ __proto__: { polluted: true }, a: 1 }"));
    expect(read.ok && Object.getPrototypeOf(read.value)).toBe(Object.prototype);
    expect(read.ok && Object.hasOwn(read.value, "__proto__")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.each([
    ["a function", file("{ systemPrompt: () => 'x' }"), 3, /plain values/],
    ["a call", file("{ a: process.exit() }"), 3, /plain values/],
    ["a variable", file("{ a: secret }"), 3, /plain values/],
    ["a shorthand", file("{ a }"), 3, /plain values/],
    ["a method", file("{ a() { return 1; } }"), 3, /plain values/],
    ["a getter", file("{ get a() { return 1; } }"), 3, /plain values/],
    ["a spread", file("{ ...a }"), 3, /plain values/],
    ["a computed key", file("{ [a]: 1 }"), 3, /plain values/],
    ["a template with a hole", file("{ a: `${b}` }"), 3, /plain values/],
    ["an operator", file("{ a: 1 + 1 }"), 3, /plain values/],
    ["a not", file("{ a: !1 }"), 3, /plain values/],
    ["another import", `import fs from "fs";\n${file("{}")}`, 1, /plain values/],
    ["a statement beside it", `${file("{}")}fetch("x");\n`, 4, /plain values/],
    ["another builder", 'export default defineRole({ name: "x" });', 1, /defineAgent/],
    ["no argument", "export default defineAgent();", 1, /object/],
    ["nothing", "", 1, /defineAgent/],
    ["a text that never ends", file('{ a: "x }'), 3, /./],
    ["a brace that is missing", "export default defineAgent({ a: 1", 1, /./],
    ["what is nested without end", file(`{ a: ${"(".repeat(100)}1${")".repeat(100)} }`), 3, /levels/],
    ["a number that is none", file("{ a: 1e999 }"), 3, /number/],
    ["an escape that isn't complete", file('{ a: "\\\\u12" }').replace("\\\\u", "\\u"), 3, /./],
  ])("refuses %s, with its place", async (_name, source, line, message) => {
    const read = await readDefinitionSource("agent", source);
    if (read.ok) throw new Error("it was taken");
    expect(read.line).toBeGreaterThanOrEqual(line);
    expect(read).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });
});
