import { describe, expect, test } from "vitest";
import { savedBefore, turnSave, waitsForSave } from "#domain/turn-saves.ts";

const SAVED = { lastTurn: "turn", turnCheckpointId: "saved", checkpointId: "saved", savedAt: 100_000 };
const FRESH = { lastTurn: undefined, turnCheckpointId: undefined, checkpointId: undefined };
const REST = { dueAt: 0 };
const TAKEN = { turn: "turn", startedAt: 100_000, isTaken: true };

describe("what the end of a turn still needs", () => {
  test.each<
    [
      what: string,
      session: Parameters<typeof turnSave>[0],
      save: Parameters<typeof turnSave>[1],
      expected: string,
    ]
  >([
    ["a turn's end that is saved, and nobody in the sandbox", SAVED, REST, "saved"],
    ["one that was never saved", { ...SAVED, turnCheckpointId: undefined }, REST, "turn"],
    ["a session that has just begun", FRESH, null, "turn"],
    ["one whose beginning is saved", { ...SAVED, lastTurn: null }, REST, "saved"],
    ["a branch before its first turn", { lastTurn: null, checkpointId: "of the other" }, REST, "look"],
    ["a turn of an earlier release", { ...FRESH, checkpointId: "a" }, REST, "look"],
    ["a save that is due anyway", SAVED, { dueAt: 1 }, "look"],
    ["one that has no row of when it is due", SAVED, null, "look"],
    ["work by hand after the last checkpoint", SAVED, { dueAt: 0, workedAt: 100_001 }, "work"],
    ["work that was noted shortly before it", SAVED, { dueAt: 0, workedAt: 95_000 }, "work"],
    ["work long before it", SAVED, { dueAt: 0, workedAt: 94_999 }, "look"],
    ["work where nothing was saved yet", { lastTurn: null }, { dueAt: 0, workedAt: 1 }, "work"],
    [
      "both a turn's end and work",
      { ...SAVED, turnCheckpointId: undefined },
      { dueAt: 0, workedAt: 1 },
      "turn",
    ],
  ])("%s", (_, session, save, expected) => {
    expect(turnSave(session, save)).toBe(expected);
  });

  test.each([
    ["has read it all", TAKEN, "turn", REST, "saving"],
    ["is still reading", { ...TAKEN, isTaken: undefined }, "turn", REST, "turn"],
    ["was begun while another turn was shown", { ...TAKEN, turn: "before" }, "turn", REST, "turn"],
    ["was begun before the first turn's end", { ...TAKEN, turn: null }, "turn", REST, "turn"],
    ["was begun well after somebody worked", TAKEN, "turn", { dueAt: 220_000, workedAt: 94_999 }, "saving"],
    ["may have missed what somebody did", TAKEN, "turn", { dueAt: 220_000, workedAt: 95_000 }, "turn"],
    ["was begun before what somebody did", TAKEN, "turn", { dueAt: 220_000, workedAt: 100_001 }, "turn"],
  ])("a checkpoint that is being taken and %s", (_, going, shown, save, expected) => {
    expect(turnSave({ ...SAVED, turnCheckpointId: undefined }, save, { going, shown })).toBe(expected);
  });

  test("the next turn waits for what is lost without it", () => {
    expect((["turn", "work", "look", "saving", "saved"] as const).filter(waitsForSave)).toEqual([
      "turn",
      "work",
    ]);
  });
});

describe("what was there before a turn's message", () => {
  const of = (turn: string | null, seq: number) => ({ turn, row: { seq } });
  const all = [of(null, 2), of("one", 10), of("one", 14), of("one", 31), of("two", 40)];
  test.each([
    ["the end of the one before, with work by hand since", { previousTurn: "one", endedSeq: 30 }, 14],
    ["that alone, where the turn ended at once", { previousTurn: "one", endedSeq: 11 }, 10],
    ["not what was saved after its end", { previousTurn: "one", endedSeq: 31 }, 14],
    ["how the session began", { previousTurn: null, endedSeq: 9 }, 2],
    ["nothing, where that was not saved in time", { previousTurn: null, endedSeq: 2 }, undefined],
    ["nothing of another turn", { previousTurn: "none", endedSeq: 99 }, undefined],
  ])("is %s", (_, run, seq) => {
    expect(savedBefore(all, run)?.row.seq).toBe(seq);
  });
});
