import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Call } from "#cli/struere/project.ts";
import { validate } from "#cli/struere/validate.ts";

/** A project's folder with some files, and what `validate` says of it. */
async function validated(files: Record<string, string>) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-validate-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return await validate({ folder } as Call);
}

const HEAD = 'import { defineAgent } from "struere";\n';
const GOOD = `{ name: "A", slug: "a", version: "0.1.0", systemPrompt: "Help.", model: { model: "openai/gpt-5" } }`;

test("each problem of a definition has its file, line, column and path, plain values or not", async () => {
  const { lines, exitCode } = await validated({
    "agents/plain.ts": `${HEAD}\nexport default defineAgent({\n  name: 5,\n  slug: "plain",\n});\n`,
    "agents/code.ts": `${HEAD}const model = {\n  model: 7,\n};\nexport default defineAgent({ ...${GOOD}, slug: "code", model } as never);\n`,
    "agents/kept.ts": `${HEAD}export default defineAgent({\n  slug: "kept",\n  tools: [() => 1],\n});\n`,
    "agents/good.ts": `${HEAD}export default defineAgent(${GOOD});\n`,
  });
  expect(exitCode).not.toBe(0);
  const said = lines.join("\n");
  expect(said).toMatch(/^agents\/plain\.ts:4:3: name: /m);
  expect(said, "what is missing is told at its object").toMatch(/^agents\/plain\.ts:3:28: systemPrompt: /m);
  expect(said).toMatch(/^agents\/code\.ts:3:3: model\.model: /m);
  expect(said).toMatch(/^agents\/kept\.ts:4:11: tools\[0\] is a function/m);
  expect(said).not.toContain("agents/good.ts");
});

test("a warning has its place, too, and is no problem", async () => {
  const prompt = GOOD.replace('systemPrompt: "Help."', '\n  systemPrompt: "Ask {{nobody}}."');
  const { lines, exitCode, json } = await validated({
    "agents/a.ts": `${HEAD}export default defineAgent(${prompt});\n`,
  });
  expect(lines.join("\n")).toMatch(/^agents\/a\.ts:3:3: warning: .*nobody/m);
  expect(json).toMatchObject({ faults: [], warnings: [{ line: 3, column: 3, path: "systemPrompt" }] });
  expect(exitCode).toBe(0);
});
