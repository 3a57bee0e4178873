import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callText, countCall, MAX_SAME_CALLS, type SameCall, sameCallQuestion } from "#domain/same-calls.ts";

describe("two calls are the same", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ["in another order", { a: 1, b: { d: 1, c: 2 } }, { b: { c: 2, d: 1 }, a: 1 }, true],
    ["with another value", { a: 1 }, { a: "1" }, false],
    ["with more arguments", { a: 1 }, { a: 1, b: undefined, c: null }, false],
    ["with a list in another order", { a: [1, 2] }, { a: [2, 1] }, false],
    ["with a list for fields", { a: { fields: [["b", 1]] } }, { a: { b: 1 } }, false],
    ["with nothing", {}, {}, true],
    ["in the workspace, as said or not", { command: "ls", cwd: "/workspace" }, { command: "ls" }, true],
    ["in another folder", { command: "ls", cwd: "/workspace/a" }, { command: "ls" }, false],
  ])("%s", (_, a, b, same) => {
    expect(callText("bash", a) === callText("bash", b)).toBe(same);
    expect(callText("bash", a)).not.toBe(callText("read", a));
  });

  test("whatever the order of their fields, and different where JSON differs", () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(value, value, (a, b) => {
        const turned = Object.fromEntries(Object.entries(a).toReversed());
        expect(callText("t", turned)).toBe(callText("t", a));
        if (callText("t", a) === callText("t", b))
          expect(JSON.parse(JSON.stringify(b))).toEqual(JSON.parse(JSON.stringify(a)));
      }),
    );
  });

  test("arguments that are nested without end do no harm", () => {
    const deep = (end: number) =>
      JSON.parse(`${'{"a":'.repeat(1_500)}${end}${"}".repeat(1_500)}`) as Record<string, unknown>;
    expect(callText("t", deep(1))).toBe(callText("t", deep(1)));
    expect(callText("t", deep(1))).not.toBe(callText("t", deep(2)));
  });
});

test("a call is counted in a row, once, and within its run", () => {
  let last: SameCall | undefined;
  const make = (runId: string, callId: string, hash: string) => {
    const counted = countCall(last, { runId, callId, hash });
    if (counted) last = counted;
    return counted?.count ?? null;
  };
  expect(make("r1", "1", "a")).toBe(1);
  expect(make("r1", "1", "a")).toBeNull();
  expect(make("r1", "2", "a")).toBe(2);
  expect(make("r1", "3", "b")).toBe(1);
  expect(make("r1", "4", "a")).toBe(1);
  expect(make("r2", "4", "a")).toBe(1);
  expect(sameCallQuestion(MAX_SAME_CALLS)).toBe("The agent has made the same call 5 times. Let it go on?");
});
