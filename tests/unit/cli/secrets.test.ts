import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadSecrets, refuseLostSecrets } from "#cli/up/secrets.ts";

let data: string;
let file: string;
beforeEach(() => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), "studio-secrets-"));
  file = path.join(data, "secrets.json");
});
afterEach(() => fs.rmSync(data, { recursive: true, force: true }));

test("made once, for the owner's eyes alone", () => {
  const made = loadSecrets(data);
  expect(loadSecrets(data)).toEqual(made);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
});

test("a secret that an older version did not have is added, the others stay", () => {
  const { kek: _newer, ...older } = loadSecrets(data);
  fs.writeFileSync(file, JSON.stringify(older));
  const now = loadSecrets(data);
  expect(now).toMatchObject(older);
  expect(now.kek).toMatch(/^1:/);
  expect(loadSecrets(data)).toEqual(now);
});

test.each(["auth.db", "convex/data.sqlite"])(
  "SEC-11: missing beside %s they are not made again, and the start says what to do",
  (name) => {
    fs.mkdirSync(path.dirname(path.join(data, name)), { recursive: true });
    fs.writeFileSync(path.join(data, name), "");
    expect(() => refuseLostSecrets(data)).toThrow(
      /secrets\.json is missing.*Restore it.*--new-secrets.*--reset/,
    );
    expect(fs.existsSync(file)).toBe(false);
    loadSecrets(data);
    expect(() => refuseLostSecrets(data)).not.toThrow();
  },
);

test.each(["{", "[]", '{"kek":"short"}'])("%s is refused with the way out, and left alone", (text) => {
  fs.writeFileSync(file, text);
  expect(() => loadSecrets(data)).toThrow(/--reset/);
  expect(fs.readFileSync(file, "utf8")).toBe(text);
});
