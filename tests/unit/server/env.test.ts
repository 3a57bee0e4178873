import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { backupSettings } from "#cli/backup/settings.ts";
import { envSchema, parseSettings } from "#server/env.ts";

const example = fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8");
const settings = Object.fromEntries(
  example
    .split("\n")
    .filter((line) => /^#?\s?[A-Z0-9_]+=/.test(line))
    .map((line) => {
      const [, name = "", value = ""] = /^#?\s?([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      return [name, value];
    }),
);

test(".env.example names every setting of servers and backups, and no other", () => {
  expect(Object.keys(settings).toSorted((a, b) => a.localeCompare(b))).toEqual(
    Object.keys({ ...envSchema.shape, ...backupSettings.shape }).toSorted((a, b) => a.localeCompare(b)),
  );
});

test(".env.example's values are of the right form", () => {
  expect(parseSettings(settings).error?.issues ?? []).toEqual([]);
});

test("SEC-25: an empty setting counts as unset, whatever its kind", () => {
  const required = new Set(parseSettings({}).error?.issues.map((issue) => String(issue.path[0])) ?? []);
  const emptied = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, required.has(name) ? value : ""]),
  );
  expect(Object.values(emptied).filter((value) => value === "").length).toBeGreaterThan(20);
  expect(parseSettings(emptied).error?.issues ?? []).toEqual([]);
});

test("what is required is required", () => {
  const missing = envSchema.safeParse({}).error?.issues.map((issue) => issue.path[0]) ?? [];
  for (const name of [
    "STUDIO_PUBLIC_URL",
    "STUDIO_AUTH_SECRET",
    "STUDIO_SIGNING_KEY",
    "CONVEX_URL",
    "E2B_API_KEY",
  ])
    expect(missing).toContain(name);
});
