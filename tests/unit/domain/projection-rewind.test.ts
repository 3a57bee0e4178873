import { expect, test } from "vitest";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { type Draft, logOf } from "./log-of.ts";

const turn = (id: string): Draft[] => [
  ["message.user", { content: id }, id],
  ["run.started", { input: id }, id],
  ["message.assistant", { message_id: `m-${id}`, content: id, model: "m", provider: "p" }, id],
  [
    "run.completed",
    { output: id, stop_reason: "end_turn", total_events: 4, total_duration_ms: 1, total_tokens: 1 },
    id,
  ],
];
const rewound = (payload: object): Draft => [
  "session.rewound",
  { rewound_by: "Ada", what: "both", to_seq: 4, run_id: "one", ...payload },
];
const TURNS = [...turn("one"), ...turn("two"), ...turn("three")];
const view = (...drafts: Draft[]) => applyEvents(EMPTY_VIEW, logOf([...TURNS, ...drafts]));
const aside = ({ runs }: ReturnType<typeof view>) => runs.filter((run) => run.setAside).map(({ id }) => id);

test("turns after the place are set aside with all that they said, and stay in the view", () => {
  const seen = view(rewound({ files: { added: 1, changed: 2, deleted: 0 }, kept: ["a.txt"] }));
  expect(aside(seen)).toEqual(["two", "three"]);
  expect(seen.items.filter((item) => item.setAside === 13).map(({ runId }) => runId)).toEqual([
    "two",
    "three",
  ]);
  expect(seen.undoable).toEqual({ seq: 13, what: "both" });
  expect(seen.items.at(-1)).toMatchObject({
    title: "Ada rewound the session",
    text: "The conversation and the files are as they were after turn 1. 3 files changed. Left as they are, since somebody worked on them meanwhile: a.txt.",
  });
});

test("files alone set nothing aside", () => {
  const seen = view(rewound({ what: "files" }));
  expect(aside(seen)).toEqual([]);
  expect(seen.undoable).toEqual({ seq: 13, what: "files" });
});

test("an undo brings back what its rewind had set aside, and no more", () => {
  const twice = [rewound({ to_seq: 8, run_id: "two" }), rewound({})];
  expect(aside(view(...twice))).toEqual(["two", "three"]);
  const undone = view(...twice, rewound({ to_seq: 14, run_id: "two", undoes_seq: 14 }));
  expect(aside(undone)).toEqual(["three"]);
  expect(undone.undoable).toBeUndefined();
});

test("a turn that begins ends the way back, and is set aside by the next rewind", () => {
  const seen = view(rewound({}), ...turn("four"));
  expect(seen.undoable).toBeUndefined();
  expect(aside(seen)).toEqual(["two", "three"]);
  expect(aside(view(rewound({}), ...turn("four"), rewound({})))).toEqual(["two", "three", "four"]);
});

test("one that failed says what was in the way", () => {
  const seen = view(["session.rewind_failed", { error: "It failed.", paths: ["a.txt", "b.txt"] }]);
  expect(seen.items.at(-1)).toMatchObject({ tone: "warning", text: "It failed. In the way: a.txt, b.txt." });
});
