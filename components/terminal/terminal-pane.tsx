"use client";

import { Plus, X } from "lucide-react";
import { useEffect, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { closeTerminal, listTerminals, openTerminal } from "../../lib/client/terminal.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { TerminalView } from "./terminal-view.tsx";

/** What a terminal is opened with, before it is known how large it is shown. */
const FIRST_SIZE = { cols: 100, rows: 24 };

/** The session's terminals: real shells in its sandbox, one of them in front. They stay when the page goes. */
export function TerminalPane({
  sessionId,
  disabledReason,
}: {
  sessionId: string;
  disabledReason: string | undefined;
}) {
  const [ids, setIds] = useState<readonly string[]>();
  const [chosen, setChosen] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  useEffect(() => {
    if (disabledReason !== undefined) return;
    let gone = false;
    listTerminals(sessionId).then(
      ({ terminals }) => !gone && setIds(terminals.map(({ id }) => id)),
      (error: unknown) =>
        !gone && setProblem({ title: "Couldn't load the terminals", error: asApiError(error) }),
    );
    return () => {
      gone = true;
    };
  }, [sessionId, disabledReason]);

  const open = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const { id } = await openTerminal(sessionId, FIRST_SIZE);
      setIds((known) => [...(known ?? []), id]);
      setChosen(id);
    } catch (error) {
      setProblem({ title: "Couldn't open the terminal", error: asApiError(error) });
    } finally {
      setBusy(false);
    }
  };
  const close = async (id: string) => {
    setProblem(undefined);
    try {
      await closeTerminal(sessionId, id);
      setIds((known) => known?.filter((one) => one !== id));
    } catch (error) {
      setProblem({ title: "Couldn't close the terminal", error: asApiError(error) });
    }
  };

  if (disabledReason !== undefined) return <p className="p-4 text-ink-2">{disabledReason}</p>;
  const shown = ids?.find((id) => id === chosen) ?? ids?.[0];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="pane-bar">
        {ids?.map((id, index) => (
          <span key={id} className="seg">
            <button type="button" aria-pressed={id === shown} onClick={() => setChosen(id)}>
              Terminal {index + 1}
            </button>
            <button type="button" aria-label={`Close terminal ${index + 1}`} onClick={() => void close(id)}>
              <X className="i i-xs" aria-hidden="true" />
            </button>
          </span>
        ))}
        <button type="button" className="btn btn-sm" aria-disabled={busy} onClick={() => void open()}>
          <Plus className="i i-sm" aria-hidden="true" />
          {busy ? "Opening" : "New terminal"}
        </button>
        <span className="faint ml-auto max-sm:hidden">
          <kbd className="kbd">⇧</kbd> <kbd className="kbd">Esc</kbd> to leave
        </span>
      </div>
      {problem && (
        <div className="p-3">
          <ProblemNotice title={problem.title} error={problem.error} />
        </div>
      )}
      {shown === undefined ? (
        ids && (
          <p className="p-4 text-ink-2">
            A terminal is a shell in this session's sandbox. What you do there isn't in the transcript.
          </p>
        )
      ) : (
        <TerminalView key={shown} sessionId={sessionId} id={shown} />
      )}
    </div>
  );
}
