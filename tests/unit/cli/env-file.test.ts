import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadEnvFile } from "#cli/up/env-file.ts";

function folder(files: Record<string, string> = {}): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "env-file-"));
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(made, name), text);
  return made;
}

test("settings of .env are read, and what is set already stays", () => {
  const environment: NodeJS.ProcessEnv = { A: "set", NODE_ENV: "test" };
  expect(loadEnvFile(folder({ ".env": "A=file\nB='two words'\n# C=no\n" }), environment)).toBe(".env");
  expect(environment).toMatchObject({ A: "set", B: "two words", STUDIO_ENV_FILE: ".env" });
  expect(environment).not.toHaveProperty("C");
});

test("without a file nothing is read, and none is named", () => {
  const environment: NodeJS.ProcessEnv = { NODE_ENV: "test" };
  expect(loadEnvFile(folder(), environment)).toBeNull();
  expect(environment).toEqual({ NODE_ENV: "test" });
});

test("another file can be named, and has to be there", () => {
  const root = folder({ "other.env": "A=1\n", ".env": "A=2\n" });
  const environment: NodeJS.ProcessEnv = { STUDIO_ENV_FILE: "other.env", NODE_ENV: "test" };
  expect(loadEnvFile(root, environment)).toBe("other.env");
  expect(environment.A).toBe("1");
  expect(() => loadEnvFile(root, { STUDIO_ENV_FILE: "none.env", NODE_ENV: "test" })).toThrow(
    /none\.env can't be read \(ENOENT\)/,
  );
});
