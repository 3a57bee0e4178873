import { expect, test } from "vitest";
import { safeNext, slugOf } from "../../../lib/client/account.ts";
import * as format from "../../../lib/client/format.ts";

test("tokens, money and prices", () => {
  expect([0, 940, 48_210, 999_949, 999_950, 1_900_000].map(format.tokens)).toEqual([
    "0",
    "940",
    "48.2k",
    "999.9k",
    "1.0M",
    "1.9M",
  ]);
  expect([0, 1, 9999, 10_000, 412_345, 1_234_560_000].map(format.dollars)).toEqual([
    "$0.00",
    "<$0.01",
    "<$0.01",
    "$0.01",
    "$0.41",
    "$1,234.56",
  ]);
  expect([3_000_000, 100_000, 75_000].map(format.price)).toEqual(["$3", "$0.10", "$0.075"]);
});

test("durations and clocks", () => {
  expect([0, 96, 999, 6249, 59_949, 59_950, 132_000, 3_840_000].map(format.duration)).toEqual([
    "0 ms",
    "96 ms",
    "999 ms",
    "6.2 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 12 s",
    "1 h 4 min",
  ]);
  expect([-5, 0, 64_000, 600_000, 3_849_000, 200_000_000].map(format.clock)).toEqual([
    "0:00",
    "0:00",
    "1:04",
    "10:00",
    "1:04:09",
    "2 d",
  ]);
});

test("moments, names and titles", () => {
  const now = Date.UTC(2026, 10, 20, 12);
  expect(
    [now, now - 120_000, now - 7_200_000, now - 3 * 86_400_000].map((at) => format.ago(at, now)),
  ).toEqual(["now", "2 min ago", "2 h ago", "Nov 17"]);
  expect(["Acme Robotics", "mara", "Ana de la Cruz", ""].map(format.initials)).toEqual([
    "AR",
    "M",
    "AC",
    "?",
  ]);
  expect(format.titleOf("  Create a file\nwith this")).toBe("Create a file");
  expect(format.titleOf("```demo\nsay hello\n```")).toBe("say hello");
  expect(format.titleOf("```")).toBe("```");
  expect(format.titleOf("word ".repeat(40)).length).toBeLessThanOrEqual(80);
  expect(format.titleOf("word ".repeat(40))).toMatch(/word…$/);
});

test("slugs", () => {
  expect(["Acme Robotics", "  Müller & Söhne! ", "---", "日本"].map(slugOf)).toEqual([
    "acme-robotics",
    "muller-sohne",
    "",
    "",
  ]);
});

test("only paths of this site are followed after signing in", () => {
  expect(
    ["/sessions?x=1", "//evil.example", "/\\evil.example", "https://evil.example", "", null].map(safeNext),
  ).toEqual(["/sessions?x=1", "/studio", "/studio", "/studio", "/studio", "/studio"]);
});
