import { describe, expect, test } from "vitest";
import type { Models } from "#client/api.ts";
import { cheaperThan, endOfTurn } from "#client/branch.ts";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { type Drafted, eventsOf } from "./ui/session.tsx";

const viewOf = (drafts: readonly Drafted[]) => applyEvents(EMPTY_VIEW, eventsOf(drafts));
const asked = (run: string): Drafted => ["message.user", { content: run }, run];
const began = (run: string): Drafted => ["run.started", { input: run }, run];
const ended = (run: string): Drafted => [
  "run.completed",
  { output: "", stop_reason: "end_turn", total_events: 1, total_duration_ms: 1, total_tokens: 1 },
  run,
];
const SAVED: Drafted = [
  "checkpoint.created",
  {
    checkpoint_id: "c",
    cause: "turn",
    files: 1,
    workspace_bytes: 1,
    stored_bytes: 1,
    left_out: 0,
    duration_ms: 1,
  },
];

describe("the end of a turn", () => {
  const drafts = [asked("a"), began("a"), ended("a"), SAVED, asked("b"), began("b"), ended("b"), SAVED];

  test("has what was saved after it, and nothing of the next one", () => {
    expect(endOfTurn(viewOf(drafts), "a")).toBe(4);
    expect(endOfTurn(viewOf(drafts), "b")).toBe(8);
  });

  test("is the log's where it is still at work, or not known", () => {
    expect(endOfTurn(viewOf(drafts.slice(0, 2)), "a")).toBe(2);
    expect(endOfTurn(viewOf(drafts), "z")).toBe(8);
  });

  test("stands before a message that had waited for it", () => {
    const queued = [asked("a"), began("a"), asked("b"), ended("a"), began("b"), ended("b")];
    expect(endOfTurn(viewOf(queued), "a")).toBe(4);
  });
});

test("a branch says where it comes from, what it began with, and what its agent was told", () => {
  const branched: Drafted = [
    "session.branched",
    {
      branched_by: "Mara",
      parent_session_id: "p1",
      parent_title: "Fix",
      from_seq: 40,
      checkpoint_id: "c",
      saved_at: 5,
      saved_seq: 30,
    },
  ];
  const restored = (files: string, history: string): Drafted => [
    "session.restored",
    { files, history, told_turns: 2 },
  ];
  const view = viewOf([branched, restored("restored", "kept")]);
  expect(view.branch).toEqual({
    parentId: "p1",
    parentTitle: "Fix",
    fromSeq: 40,
    by: "Mara",
    saved: { at: 5, seq: 30 },
    toldTurns: 2,
  });
  expect(view.items).toEqual([]);
  // Where its memory could not be brought along, that is said as well.
  expect(viewOf([branched, restored("restored", "recap")]).items).toHaveLength(1);
});

test("credits that were given back are told with their run", () => {
  const view = viewOf([["credits.returned", { amount_micro_usd: 1_230_000, reason: "x" }, "a"]]);
  expect(view.items).toMatchObject([{ runId: "a", title: "Credits returned", text: /\$1\.23/ }]);
});

type Model = Models["providers"][number]["models"][number];
const model = (id: string, price: number, more: Partial<Model> = {}) =>
  ({
    id,
    priceInMicroUsd: price,
    priceOutMicroUsd: price,
    priceKnown: true,
    available: true,
    ...more,
  }) as Model;
const provider = (id: string, ...models: Model[]) => ({ id, name: id, keySource: "platform", models });

describe("a cheaper model", () => {
  const models = {
    providers: [
      provider("a", model("large", 10), model("small", 3), model("gone", 1, { available: false })),
      provider("b", model("tiny", 2), model("odd", 0, { priceKnown: false })),
    ],
    default: null,
  } as unknown as Models;

  test("is the same provider's where that has one", () => {
    expect(cheaperThan(models, { provider: "a", model: "large" })).toEqual({ provider: "a", model: "small" });
  });

  test("is another's else, and the same one where none costs less", () => {
    expect(cheaperThan(models, { provider: "a", model: "small" })).toEqual({ provider: "b", model: "tiny" });
    expect(cheaperThan(models, { provider: "b", model: "tiny" })).toEqual({ provider: "b", model: "tiny" });
  });
});
