import { expect, test } from "vitest";
import { changesOf, revisionOf } from "#client/changes.ts";
import type { NoticeItem, RunView, ToolItem } from "#domain/session-view.ts";

let seq = 0;
const edit = (runId: string, path: string, before: string | null, after: string): ToolItem => ({
  kind: "tool",
  callId: "x",
  id: `call-${(seq += 1)}`,
  seq,
  ts: "2026-01-01T00:00:00.000Z",
  runId,
  name: "edit",
  toolKind: "edit",
  title: path,
  input: {},
  state: "completed",
  output: "",
  truncated: false,
  diff: { path: `/workspace/${path}`, old_text: before, new_text: after },
});
const saved = (path: string, before: string, after: string): NoticeItem => ({
  kind: "notice",
  id: `file:${(seq += 1)}`,
  seq,
  ts: "2026-01-01T00:00:00.000Z",
  tone: "info",
  title: `Mara saved ${path}`,
  text: "",
  diff: { path, old_text: before, new_text: after },
});
const runs: RunView[] = [
  { id: "r1", status: "completed", input: "first" },
  { id: "r2", status: "completed", input: "second" },
];

test("changes that follow on from each other are one; others stand one below the other", () => {
  const items = [
    edit("r1", "a.ts", null, "1"),
    edit("r1", "a.ts", "1", "2"),
    edit("r2", "a.ts", "fragment", "other"),
    saved("b.ts", "x", "y"),
  ];
  const { files, turns } = changesOf({ items, runs });
  expect(files).toEqual([
    {
      path: "a.ts",
      added: true,
      diffs: [
        { path: "a.ts", old_text: null, new_text: "2" },
        { path: "a.ts", old_text: "fragment", new_text: "other" },
      ],
    },
    { path: "b.ts", added: false, diffs: [{ path: "b.ts", old_text: "x", new_text: "y" }] },
  ]);
  expect(turns.map(({ title, files: own }) => [title, own.length])).toEqual([
    ["Turn 1: first", 1],
    ["Turn 2: second", 1],
    ["Mara saved b.ts", 1],
  ]);
});

test("what was changed back has not changed, and what was not done has not either", () => {
  const items = [
    edit("r1", "a.ts", "1", "2"),
    edit("r1", "a.ts", "2", "1"),
    { ...edit("r1", "c.ts", "1", "2"), state: "denied" as const },
  ];
  expect(changesOf({ items, runs }).files).toEqual([]);
});

test("the revision grows with each call that may have changed a file, and with each save", () => {
  const running: ToolItem = { ...edit("r1", "a.ts", "1", "2"), state: "running" };
  expect(revisionOf({ items: [running] })).toBe(0);
  expect(revisionOf({ items: [{ ...running, state: "completed" }, saved("b.ts", "x", "y")] })).toBe(2);
  expect(revisionOf({ items: [{ ...running, toolKind: "read", state: "completed" }] })).toBe(0);
});

test("a call that changes several files changes each of them", () => {
  const both = ["a.ts", "b.ts"].map((path) => ({ path, old_text: "1", new_text: "2" }));
  const item: ToolItem = { ...edit("r1", "a.ts", "1", "2"), diffs: both };
  expect(changesOf({ items: [item], runs }).files.map(({ path }) => path)).toEqual(["a.ts", "b.ts"]);
});
