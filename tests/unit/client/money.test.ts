import { expect, test } from "vitest";
import { formatFor } from "#client/format.ts";
import { nextCap, parseCap } from "#client/money.ts";

const f = formatFor("en-US");
const { amount, dayName } = f;

test("a cap is read as people write it, to the cent", () => {
  for (const [text, microUsd] of [
    ["2", 2_000_000],
    ["$2.50", 2_500_000],
    [" 0.01 ", 10_000],
    ["1,000", 1_000_000_000],
    ["10000", 10_000_000_000],
    ["0.1", 100_000],
  ] as const)
    expect(parseCap(text, f), text).toEqual({ ok: true, microUsd });
});

test("what is no cap says what is wrong", () => {
  for (const text of ["", "two", "-1", "1.2.3", "1e3", "2,50", "0x10", "."])
    expect(parseCap(text, f), text).toMatchObject({ ok: false, problem: /such as 2\.50/ });
  expect(parseCap("0.00", f)).toMatchObject({ problem: /one cent/ });
  expect(parseCap("0.001", f)).toMatchObject({ problem: /to the cent/ });
  expect(parseCap("10000.01", f)).toMatchObject({ problem: /\$10,000/ });
});

test("a raise offers more than the cap and more than what was spent, to the cent", () => {
  expect(nextCap(10_000, 9_000)).toBe(20_000);
  expect(nextCap(10_000, 12_345)).toBe(30_000);
  expect(nextCap(9_000_000_000, 0)).toBe(10_000_000_000);
  expect(f.cap(20_000)).toBe("0.02");
  expect(parseCap(f.cap(nextCap(123_450_000, 0)), f)).toEqual({ ok: true, microUsd: 246_900_000 });
});

test("a call's amount has four places, a round one two", () => {
  expect([0, 49, 50, 1234, -1234, 12_300, 5_000_000, -20, 1_234_567_800].map(amount)).toEqual([
    "$0.00",
    "<$0.0001",
    "$0.0001",
    "$0.0012",
    "−$0.0012",
    "$0.0123",
    "$5.00",
    "−<$0.0001",
    "$1,234.5678",
  ]);
  expect(dayName("2026-11-06")).toBe("Nov 6");
});

test("a cap is read as it is typed in German too", () => {
  const german = formatFor("de-DE");
  for (const [text, microUsd] of [
    ["2,50", 2_500_000],
    ["2,50 $", 2_500_000],
    ["1.000", 1_000_000_000],
    ["1.234,50", 1_234_500_000],
    // A point before two digits can only be the other way of writing them.
    ["2.50", 2_500_000],
  ] as const)
    expect(parseCap(text, german), text).toEqual({ ok: true, microUsd });
  for (const text of ["2,5,0", "1,2,3", "1,000.00"])
    expect(parseCap(text, german), text).toMatchObject({ ok: false, problem: /such as 2,50/ });
  expect(parseCap("0,001", german)).toMatchObject({ ok: false });
  expect(parseCap(german.cap(1_234_560_000), german)).toEqual({ ok: true, microUsd: 1_234_560_000 });
});
