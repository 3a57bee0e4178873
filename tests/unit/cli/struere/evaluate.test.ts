import { describe, expect, test } from "vitest";
import { evaluate, EVALUATION_LIMITS } from "#cli/struere/evaluate.ts";

const none = async () => await Promise.reject(new Error("nothing to import"));
const agent = (body: string) =>
  `import { defineAgent } from "struere";\nexport default defineAgent(${body});\n`;

async function read(sources: Record<string, string>, limits: Partial<typeof EVALUATION_LIMITS> = {}) {
  const jobs = Object.entries(sources).map(([file, source]) => ({ file, source }));
  const results = await evaluate(jobs, none, { ...EVALUATION_LIMITS, timeoutMs: 60_000, ...limits });
  return Object.fromEntries(jobs.map(({ file }, i) => [file, results[i]!]));
}

test("files are read, each for itself, with prompts that are functions", async () => {
  const found = await read({
    "agents/a.ts": agent('{ slug: "a" as const, systemPrompt: () => `one\\r\\n${1 + 1}`, gone: undefined }'),
    "agents/b.ts": agent('{ slug: "b", systemPrompt: async () => { await null; return "later"; } }'),
    "agents/c.ts": 'Object.prototype.polluted = "yes"; export default { slug: "c" };',
    "agents/d.ts": 'console.log("x".repeat(9)); export default { slug: "d", is: ({}).polluted ?? "clean" };',
    "agents/e.ts": 'export default { ["__proto__"]: 1, "constructor": "x" };',
  });
  expect(Object.values(found).map((one) => (one.ok ? one.json : one.message))).toEqual([
    '{"slug":"a","systemPrompt":"one\\r\\n2"}',
    '{"slug":"b","systemPrompt":"later"}',
    '{"slug":"c"}',
    '{"slug":"d","is":"clean"}',
    '{"__proto__":1,"constructor":"x"}',
  ]);
});

describe("what can't be read is named, and the rest is read all the same", () => {
  test("where it is wrong", async () => {
    const found = await read({
      "agents/syntax.ts": 'export default {\n  slug: "a",\n  name: ,\n};\n',
      "agents/thrown.ts": "const none: { x?: { y: string } } = {};\n\nexport default { slug: none.x!.y };\n",
      "agents/good.ts": agent('{ slug: "good" }'),
      "agents/none.ts": "export const other = 1;\n",
      "agents/exit.ts": "process.exit(0);\nexport default {};\n",
      "agents/fetch.ts": 'export default { slug: await fetch("http://127.0.0.1/") };\n',
      "agents/builtin.ts":
        'import fs from "node:fs";\nexport default { slug: fs.readFileSync("/etc/passwd", "utf8") };\n',
      "agents/require.ts": 'export default { slug: require("fs") };\n',
      "agents/eval.ts": 'export default { slug: (0, eval)("1") };\n',
      "agents/escape.ts":
        'export default { slug: String(this?.constructor ?? globalThis.constructor.constructor("return process")()) };\n',
      "agents/circular.ts": "const a: any = { slug: 1 }; a.self = a; export default a;\n",
      "agents/date.ts": "export default { slug: new Date(0) };\n",
      "agents/nan.ts": "export default { list: [1, NaN] };\n",
      "agents/fn.ts": "export default { tools: [() => 1] };\n",
    });
    const said = Object.fromEntries(
      Object.entries(found).map(([file, one]) => [
        file.slice(7, -3),
        one.ok
          ? one.json
          : `${one.at ? `${one.at.file}:${one.at.line}:${one.at.column} ` : ""}${one.message}`,
      ]),
    );
    expect(said).toEqual({
      syntax: "agents/syntax.ts:3:9 Expression expected",
      thrown: expect.stringMatching(/^agents\/thrown\.ts:3:\d+ Cannot read properties of undefined/),
      good: '{"slug":"good"}',
      none: "It exports no definition as its default.",
      exit: "agents/exit.ts:1:1 process is not defined",
      fetch: "agents/fetch.ts:1:24 fetch is not defined",
      builtin: "nothing to import",
      require: "agents/require.ts:1:24 require is not defined",
      eval: expect.stringContaining("Code generation from strings disallowed"),
      escape: expect.stringContaining("Code generation from strings disallowed"),
      circular: "self refers back to itself.",
      date: "slug is a Date, which can't be kept.",
      nan: "list[1] is NaN, which JSON has no number for.",
      fn: "tools[0] is a function, which can't be kept.",
    });
  });

  test("where it doesn't end, or waits for nothing", async () => {
    const found = await read(
      {
        "agents/loop.ts": "for (;;) {}\nexport default {};\n",
        "agents/later.ts": "export default { systemPrompt: async () => { for (;;) await null; } };\n",
      },
      { timeoutMs: 300 },
    );
    const slow = { ok: false, message: "It was not read within 300 ms: does it end at all?" };
    expect(Object.values(found)).toEqual([slow, slow]);
  });

  test("where it has too much to say", async () => {
    const found = await read(
      {
        "agents/never.ts": "await new Promise(() => {});\nexport default {};\n",
        "agents/large.ts": 'export default { slug: "x".repeat(10_001) };\n',
        "agents/output.ts": 'export default { slug: "x".repeat(10_000_000) };\n',
        "agents/buffer.ts": "export default { slug: new ArrayBuffer(1e9).byteLength };\n",
        "agents/good.ts": agent('{ slug: "good" }'),
      },
      { maxChars: 10_000 },
    );
    expect(Object.values(found).map((one) => one.ok || one.message)).toEqual([
      "It waits for something that never comes.",
      "It has 10012 characters; 10000 is the most.",
      "It has too much output.",
      "ArrayBuffer is not defined",
      true,
    ]);
  });

  test("where it fills the memory", async () => {
    const found = await read(
      {
        "agents/heap.ts":
          "const all = []; for (;;) all.push(new Array(1e5).fill({ a: 1 }).map(() => ({ b: all.length })));\n",
        "agents/good.ts": agent('{ slug: "good" }'),
      },
      { memoryMb: 32 },
    );
    expect(found["agents/heap.ts"]).toEqual({ ok: false, message: "It needs too much memory." });
    expect(found["agents/good.ts"]).toMatchObject({ ok: true });
  });
});
