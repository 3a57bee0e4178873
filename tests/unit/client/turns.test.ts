import { expect, test } from "vitest";
import { turnsOf } from "#client/turns.ts";
import type { SessionView } from "#domain/session-view.ts";

const view: Pick<SessionView, "items" | "runs"> = {
  runs: [
    {
      id: "one",
      status: "completed",
      input: "first",
      startedAt: "2026-11-20T08:00:00.000Z",
      endedAt: "2026-11-20T08:00:06.000Z",
    },
    {
      id: "two",
      status: "failed",
      input: "second",
      startedAt: "2026-11-20T08:01:00.000Z",
      error: "It broke",
    },
    { id: "three", status: "pending", input: "third" },
  ],
  items: [
    { kind: "user", id: "u1", seq: 4, ts: "", runId: "one", text: "first", queued: false },
    { kind: "text", id: "t1", messageId: "1", seq: 5, ts: "", runId: "one", text: "Let me see", done: true },
    { kind: "text", id: "t2", messageId: "2", seq: 7, ts: "", runId: "one", text: "Done.", done: true },
    { kind: "thinking", id: "t3", messageId: "1", seq: 8, ts: "", runId: "one", text: "hm", done: true },
    { kind: "user", id: "u2", seq: 9, ts: "", runId: "two", text: "second", queued: false },
  ],
};

test("each turn has its last words, its time and its place; the newest stands first", () => {
  expect(turnsOf(view)).toEqual([
    { runId: "three", number: 3, status: "pending", input: "third", answer: "", isParked: false },
    {
      runId: "two",
      number: 2,
      status: "failed",
      input: "second",
      answer: "",
      error: "It broke",
      startedAt: "2026-11-20T08:01:00.000Z",
      seq: 9,
      isParked: false,
    },
    {
      runId: "one",
      number: 1,
      status: "completed",
      input: "first",
      answer: "Done.",
      startedAt: "2026-11-20T08:00:00.000Z",
      durationMs: 6000,
      seq: 4,
      isParked: false,
    },
  ]);
});

test("between two turns it is said how the session went on, and a parked run is told from one that waits", () => {
  const resumed = {
    kind: "notice",
    id: "resumed:8",
    seq: 8,
    ts: "",
    tone: "info",
    title: "Ada resumed the session",
    text: "",
  } as const;
  const [third, second, first] = turnsOf({
    items: [...view.items, resumed],
    runs: view.runs.map((run) => (run.id === "three" ? { ...run, parked: true as const } : run)),
  });
  expect(second).toMatchObject({ goesOn: "Ada resumed the session" });
  expect([first?.goesOn, third?.goesOn]).toEqual([undefined, undefined]);
  expect(third?.isParked).toBe(true);
});
