import { expect, test } from "vitest";
import { isFiltered, isIn, logFilterOf, NO_LOG_WISHES } from "#client/log-search.ts";
import type { EventEnvelope } from "#domain/events.ts";

const typed = (more: Partial<typeof NO_LOG_WISHES>) => logFilterOf({ ...NO_LOG_WISHES, ...more });
const event = (seq: number, type: string, payload: object = {}) => ({ seq, type, payload }) as EventEnvelope;

test("nothing typed leaves nothing out", () => {
  expect(typed({ text: " ", types: " , " })).toEqual({ filter: {}, faults: {} });
  expect(isFiltered({})).toBe(false);
});

test("what is typed becomes a filter", () => {
  const { filter, faults } = typed({ text: " hi ", types: "tool.*, run.failed", from: "2", to: "9" });
  expect(faults).toEqual({});
  expect(filter).toEqual({ text: "hi", types: ["tool.*", "run.failed"], from: 2, until: 9 });
  expect(isIn(event(2, "tool.completed", { output: "HI" }), filter)).toBe(true);
  for (const other of [
    event(1, "tool.completed", { output: "hi" }),
    event(10, "tool.completed", { output: "hi" }),
    event(3, "run.completed", { output: "hi" }),
    event(3, "tool.completed", { output: "ho" }),
  ])
    expect(isIn(other, filter)).toBe(false);
});

test.each([
  [{ from: "x" }, "from"],
  [{ to: "0" }, "to"],
  [{ to: "1.5" }, "to"],
  [{ types: "x".repeat(61) }, "types"],
  [{ types: "a ".repeat(31) }, "types"],
])("%j is no filter, and is left out of it", (more, field) => {
  const { filter, faults } = typed({ ...more, text: "hi" });
  expect(Object.keys(faults)).toEqual([field]);
  expect(filter).toEqual({ text: "hi" });
});
