import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEngine, type LocalEngine } from "#runtime/engine/engine.ts";
import { writeState } from "#runtime/imports/states.ts";

/** What the platform's own queries tell of the machine, which no document shows. */
let folder: string;
let engine: LocalEngine;
const exportsIn = (): string => path.join(folder, "exports");
const importsIn = (): string => path.join(folder, "imports");
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "runtime-system-"));
  fs.mkdirSync(exportsIn());
  fs.mkdirSync(importsIn());
  engine = openEngine({
    path: ":memory:",
    schema: null,
    modules: {},
    exports: exportsIn(),
    imports: importsIn(),
    // Time stands still, so that nothing that was found once grows old.
    clock: { now: () => 1_700_000_000_000, timer: () => () => undefined },
  });
});
afterEach(async () => {
  await engine.close();
  fs.rmSync(folder, { recursive: true });
});
async function ask(name: string, args: object = {}): Promise<string> {
  const request = { path: `_system/cli/${name}`, args: JSON.stringify(args), internal: true };
  return (await engine.query(request)).value;
}

test("the latest export is the one that was just made", async () => {
  expect(await ask("exports:getLatest")).toBe("null");
  for (const time of ["1700000000000000000", "1700000000000000001"]) {
    fs.writeFileSync(path.join(exportsIn(), `${time}.zip`), "");
    expect(await ask("exports:getLatest")).toContain(`"${time}.zip"`);
  }
});

test("an import's state is the one that was just written", async () => {
  const importId = "0".repeat(32);
  expect(await ask("queryImport", { importId })).toBe("null");
  writeState(importsIn(), importId, { state: "failed", error_message: "one" });
  expect(await ask("queryImport", { importId })).toContain('"one"');
  writeState(importsIn(), importId, { state: "failed", error_message: "two" });
  expect(await ask("queryImport", { importId })).toContain('"two"');
});
