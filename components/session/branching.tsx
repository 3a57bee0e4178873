"use client";

import { createContext, type ReactNode, use, useEffect, useMemo, useRef, useState } from "react";
import { endOfTurn } from "#client/branch.ts";
import { BranchDialog, type BranchWish } from "./branch-dialog.tsx";
import { CompareDialog, TurnChangesDialog } from "./compare-dialog.tsx";
import { RepeatDialog } from "./repeat-dialog.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** What can be done with a session's past. */
export interface Branching {
  /** Compares two checkpoints. */
  compare: () => void;
  /** Shows what a turn has changed. */
  changesOf: (runId: string, turn: string) => void;
  /** From the end of a turn. */
  fromTurn: (runId: string, turn: string) => void;
  /** From now on, on another model. */
  toOtherModel: (how: "changed" | "cheaper") => void;
  /** From now on, with the agent as it is by now, and its model. */
  toNewestAgent: (model: { provider: string; model: string }) => void;
  /** From the very beginning, with what the session began with. */
  repeat: () => void;
}

const BranchingContext = createContext<Branching | undefined>(undefined);

/** Undefined where the reader may start no session, and see no saved files. */
export const useBranching = (): Branching | undefined => use(BranchingContext);

/** Lets everything inside branch the session, by one dialog. */
export function BranchingProvider({ children }: { children: ReactNode }) {
  const { disabledReason } = useOpened();
  const { view, live } = useSessionState();
  const [wish, setWish] = useState<BranchWish>();
  const [looked, setLooked] = useState<{ runId: string; turn: string }>();
  const [comparing, setComparing] = useState(false);
  const [repeating, setRepeating] = useState(false);
  const latest = useRef({ view, live });
  useEffect(() => {
    latest.current = { view, live };
  }, [view, live]);
  const branching = useMemo<Branching>(
    () => ({
      compare: () => setComparing(true),
      repeat: () => setRepeating(true),
      changesOf: (runId, turn) => setLooked({ runId, turn }),
      fromTurn: (runId, turn) =>
        setWish({
          title: `Branch from ${turn}`,
          fromSeq: endOfTurn(latest.current.view, runId),
          message: "",
          cheaper: false,
        }),
      toOtherModel: (how) => {
        const { runs, seq } = latest.current.view;
        const going = runs.findLast(({ status }) => status === "running");
        setWish({
          title: how === "cheaper" ? "Continue with a cheaper model" : "Change the model",
          fromSeq: seq,
          // What it was at work on is asked for again.
          message: going?.input ?? "",
          cheaper: how === "cheaper",
        });
      },
      toNewestAgent: (newest) =>
        setWish({
          title: "Restart on the newest agent",
          fromSeq: latest.current.view.seq,
          message: "",
          cheaper: false,
          newest,
        }),
    }),
    [],
  );
  return (
    <BranchingContext value={disabledReason.branch === undefined ? branching : undefined}>
      {children}
      {wish && <BranchDialog wish={wish} onClose={() => setWish(undefined)} />}
      {looked && (
        <TurnChangesDialog
          title={`What ${looked.turn} changed`}
          runId={looked.runId}
          onClose={() => setLooked(undefined)}
        />
      )}
      {repeating && <RepeatDialog onClose={() => setRepeating(false)} />}
      {comparing && <CompareDialog onClose={() => setComparing(false)} />}
    </BranchingContext>
  );
}
