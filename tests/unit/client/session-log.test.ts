import { expect, test } from "vitest";
import { createSessionLog } from "#client/session-log.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { event } from "./stream-server.ts";

function manualLog() {
  const due: (() => void)[] = [];
  const log = createSessionLog({ view: EMPTY_VIEW, lastEventAt: null }, (apply) => void due.push(apply));
  let told = 0;
  log.subscribe(() => (told += 1));
  return { log, frame: () => due.splice(0).forEach((apply) => apply()), told: () => told, due };
}

test("applies everything of one frame together, and tells once", () => {
  const { log, frame, told, due } = manualLog();
  const before = log.snapshot();
  log.push([event(1), event(2)]);
  log.push([event(3)]);
  expect(due).toHaveLength(1);
  expect(log.snapshot()).toBe(before);
  frame();
  expect(told()).toBe(1);
  expect(log.snapshot().view).toMatchObject({ seq: 3, items: [{ text: "1 2 3 " }] });
  expect(log.snapshot().lastEventAt).toBe(event(3).ts);
});

test("takes nothing twice and nothing behind a gap", () => {
  const { log, frame } = manualLog();
  expect(log.push([event(1), event(1), event(2), event(4)])).toBe(2);
  expect(log.push([event(2), event(3)])).toBe(3);
  frame();
  expect(log.snapshot().view.items).toMatchObject([{ text: "1 2 3 " }]);
});

test("keeps the same snapshot while nothing new came", () => {
  const { log, frame, told } = manualLog();
  log.push([event(1)]);
  frame();
  const snapshot = log.snapshot();
  log.push([event(1)]);
  frame();
  expect(log.snapshot()).toBe(snapshot);
  expect(told()).toBe(1);
});

test("flush does not wait for the frame", () => {
  const { log, frame, told } = manualLog();
  log.push([event(1)]);
  log.flush();
  expect(log.snapshot().view.seq).toBe(1);
  frame();
  expect(told()).toBe(1);
});
