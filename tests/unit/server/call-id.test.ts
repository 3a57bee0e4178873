import { expect, test } from "vitest";
import { callOf, shownId } from "#server/agent/call-id.ts";

test.each([
  ["call_0", 1],
  ["call_0", 2],
  ["x~2", 1],
  ["x~2", 3],
  ["x~", 2],
  ["~~", 1],
  ["", 2],
])("BUG-6: “%s”, call %i, is known again and taken for no other", (id, call) => {
  expect(callOf(shownId(id, call))).toEqual({ id, call });
});

test("BUG-6: no two calls are shown under one id", () => {
  const ids = ["x", "x~", "x~2", "x~~2", "x~2~2"];
  const shown = ids.flatMap((id) => [1, 2, 3].map((call) => shownId(id, call)));
  expect(new Set(shown).size).toBe(shown.length);
});

test("BUG-9: an id of any length is shown by a short one", () => {
  const long = "x".repeat(1_100_000);
  expect(shownId(long, 2).length).toBeLessThan(200);
  expect(shownId(long, 2)).not.toBe(shownId(`${long}y`, 2));
});
