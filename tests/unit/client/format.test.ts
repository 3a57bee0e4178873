import { expect, test } from "vitest";
import { safeNext, slugOf } from "#client/account.ts";
import { clock, formatFor, initials } from "#client/format.ts";
import { localeOf } from "#client/locale-of.ts";

const format = formatFor("en-US");
const german = formatFor("de-DE");

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
  expect([-5, 0, 64_000, 600_000, 3_849_000, 200_000_000].map(clock)).toEqual([
    "0:00",
    "0:00",
    "1:04",
    "10:00",
    "1:04:09",
    "2 d",
  ]);
});

test("moments and names", () => {
  const now = Date.UTC(2026, 10, 20, 12);
  expect(
    [now, now - 120_000, now - 7_200_000, now - 3 * 86_400_000].map((at) => format.ago(at, now)),
  ).toEqual(["now", "2 min ago", "2 h ago", "Nov 17"]);
  expect(["Acme Robotics", "mara", "Ana de la Cruz", ""].map(initials)).toEqual(["AR", "M", "AC", "?"]);
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

test("the same in German: its points and commas, its order of day and month, and where its dollar stands", () => {
  const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");
  expect(german.tokens(48_210)).toBe("48,2k");
  expect([0, 1, 412_345, 1_234_560_000].map((n) => plain(german.dollars(n)))).toEqual([
    "0,00 $",
    "<0,01 $",
    "0,41 $",
    "1.234,56 $",
  ]);
  expect(plain(german.amount(-1234))).toBe("−0,0012 $");
  expect([3_000_000, 75_000].map((n) => plain(german.price(n)))).toEqual(["3 $", "0,075 $"]);
  expect([german.bytes(4_120), german.duration(6249), german.count(18_009)]).toEqual([
    "4,1 kB",
    "6,2 s",
    "18.009",
  ]);
  expect(plain(german.percent(42))).toBe("42 %");
  expect(german.dayName("2026-11-06")).toBe("6. Nov.");
  expect(german.momentUtc(Date.UTC(2026, 10, 6, 8, 2))).toBe("6. Nov. 2026, 08:02");
  const now = Date.UTC(2026, 10, 20, 12);
  expect(german.dateOf(Date.UTC(2025, 2, 3, 12), now)).toBe("3. März 2025");
});

test("English writes what German writes in its own way", () => {
  expect([format.count(18_009), format.percent(42), format.cap(2_500_000)]).toEqual([
    "18,009",
    "42%",
    "2.50",
  ]);
  expect(format.momentUtc(Date.UTC(2026, 10, 6, 8, 2))).toBe("Nov 6, 2026, 08:02");
  expect(format.stamp(new Date(2026, 10, 20, 8, 2, 41).getTime())).toBe("Nov 20, 08:02:41");
  expect(format.wholeSeconds(9_940)).toBe("9 s");
  expect(format.wholeSeconds(132_900)).toBe("2 min 12 s");
});

test("the browser's first language that is known says how numbers are written", () => {
  for (const [sent, locale] of [
    ["de-DE,de;q=0.9,en;q=0.8", "de-DE"],
    ["en;q=0.5, fr-CH", "fr-CH"],
    ["*, x-unknown, pt-BR;q=0.1", "pt-BR"],
    ["de;q=0, sv", "sv"],
    ["", "en-US"],
    ["'); alert(1)", "en-US"],
    [null, "en-US"],
  ] as const)
    expect(localeOf(sent), String(sent)).toBe(locale);
});
