import { expect, test } from "vitest";
import type { CheckpointCause } from "#domain/checkpoints.ts";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { type Draft, logOf } from "./log-of.ts";

const view = (...drafts: Draft[]) => applyEvents(EMPTY_VIEW, logOf(drafts));

const turn = (id: string): Draft[] => [
  ["message.user", { content: id }, id],
  ["run.started", { input: id }, id],
  [
    "run.completed",
    { output: id, stop_reason: "end_turn", total_events: 4, total_duration_ms: 1, total_tokens: 1 },
    id,
  ],
];
const saved = (cause: CheckpointCause, files = 2, more: object = {}): Draft => [
  "checkpoint.created",
  {
    checkpoint_id: "c",
    cause,
    files,
    workspace_bytes: 1,
    stored_bytes: 1,
    left_out: 0,
    duration_ms: 1,
    ...more,
  },
];
const lines = ({ items }: ReturnType<typeof view>) =>
  items.flatMap((item) => (item.kind === "notice" ? [`${item.title}: ${item.text}`] : []));

test("a turn's checkpoint is a mark on its end, once, also where the next has begun", () => {
  const seen = view(
    ...turn("one"),
    ["message.user", { content: "two" }, "two"],
    ["run.started", { input: "two" }, "two"],
    saved("turn", 1, { left_out: 3 }),
    saved("turn", 9),
  );
  expect(seen.runs.map((run) => run.saved?.facts)).toEqual(["1 file, 3 left out", undefined]);
  expect(lines(seen)).toEqual([]);
});

test("one without its own turn's end marks none, and the page still knows of it", () => {
  const seen = view(saved("turn"));
  expect(seen.runs).toEqual([]);
  expect(seen.saved).toMatchObject({ files: 2 });
});

test("other checkpoints stand on the rail where they were taken, and a rewind's own don't", () => {
  const seen = view(
    saved("start"),
    ...turn("one"),
    saved("turn"),
    saved("asked", 3),
    saved("rewind"),
    saved("idle"),
    saved("stop"),
  );
  expect(lines(seen)).toEqual([
    "Saved: How the session began, 2 files.",
    "Saved: On demand, 3 files.",
    "Saved: Before it stopped when idle, 2 files.",
    "Saved: Before the session ended, 2 files.",
  ]);
});

test("of work by hand that goes on, the latest alone is told, until something else happens", () => {
  const work = (files: number) => saved("work", files);
  const seen = view(saved("start"), work(1), work(2), ...turn("one"), work(3), work(4));
  expect(lines(seen)).toEqual([
    "Saved: How the session began, 2 files.",
    "Saved: Work by hand, 2 files.",
    "Saved: Work by hand, 4 files.",
  ]);
});

test("a failure is told, and over with the next checkpoint", () => {
  const failed: Draft = ["checkpoint.failed", { error: "No room.", retry_at: 5 }];
  expect(view(failed).saved?.error).toBe("No room.");
  expect(lines(view(failed))).toEqual(["The work could not be saved: No room. It's tried again by itself."]);
  expect(view(failed, saved("asked")).saved?.error).toBeUndefined();
});
