"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useResource } from "#client/resource.ts";
import { closeTerminal, listTerminals, openTerminal } from "#client/terminal.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { segmentClass, segmentsClass } from "../ui/segments.tsx";
import { TerminalView } from "./terminal-view.tsx";

/** What a terminal is opened with, before it is known how large it is shown. */
const FIRST_SIZE = { cols: 100, rows: 24 };

/** The session's terminals: real shells in its sandbox, one of them in front. They stay when the page goes. */
export function TerminalPane() {
  const { session, disabledReason } = useOpened();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string>();
  const key = ["terminals", session.id];
  const found = useResource(
    key,
    async () => (await listTerminals(session.id)).terminals.map(({ id }) => id),
    { enabled: disabledReason.drive === undefined },
  );
  const change = (next: (ids: readonly string[]) => string[]) =>
    queries.setQueryData<string[]>(key, (ids) => next(ids ?? []));
  const open = useAction(async () => {
    const { id } = await openTerminal(session.id, FIRST_SIZE);
    change((ids) => [...ids, id]);
    setChosen(id);
  }, "Couldn't open the terminal");
  const close = useAction(async (id: string) => {
    await closeTerminal(session.id, id);
    change((ids) => ids.filter((one) => one !== id));
  }, "Couldn't close the terminal");

  if (disabledReason.drive !== undefined) return <p className="p-4 text-ink-2">{disabledReason.drive}</p>;
  const ids = found.data;
  const shown = ids?.find((id) => id === chosen) ?? ids?.[0];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PaneBar>
        {ids?.map((id, index) => (
          <span key={id} className={segmentsClass}>
            <button
              type="button"
              className={segmentClass}
              aria-pressed={id === shown}
              onClick={() => setChosen(id)}
            >
              Terminal {index + 1}
            </button>
            <button
              type="button"
              className={segmentClass}
              aria-label={`Close terminal ${index + 1}`}
              onClick={() => close.run(id)}
            >
              <Icon as={X} size="xs" />
            </button>
          </span>
        ))}
        <Button size="sm" off={open.pending} onClick={open.run}>
          <Icon as={Plus} size="sm" />
          {open.pending ? "Opening" : "New terminal"}
        </Button>
        <span className="ml-auto text-ink-3 max-sm:hidden">
          <Kbd isText>⇧</Kbd> <Kbd isText>Esc</Kbd> to leave
        </span>
      </PaneBar>
      <div className="p-3 empty:hidden">
        <ReadProblem of={found} title="Couldn't load the terminals" />
        <ActionProblem failure={open.failure ?? close.failure} />
      </div>
      {shown === undefined ? (
        ids && (
          <p className="p-4 text-ink-2">
            A terminal is a shell in this session's sandbox. What you do there isn't in the transcript.
          </p>
        )
      ) : (
        <TerminalView key={shown} sessionId={session.id} id={shown} />
      )}
    </div>
  );
}
