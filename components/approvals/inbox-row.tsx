"use client";

import type { KeyboardEvent } from "react";
import type { WaitingRow } from "#client/live-approvals.ts";
import { isPlainKey } from "#client/use-keys.ts";
import { Ago } from "../common/ago.tsx";
import { cn } from "../ui/cn.ts";
import { Glyph } from "../ui/glyph.tsx";

/** What is asked, in one line. */
export function lineOf(waiting: WaitingRow): string {
  if (waiting.kind === "question") return waiting.row.questions[0]?.question ?? "A question";
  const { request, summary } = waiting.row;
  const { command } = JSON.parse(request) as { command?: unknown };
  const text = typeof command === "string" && command !== "" ? command : summary.replace("/workspace/", "");
  return text.split("\n", 1)[0] ?? "";
}

/** A request in the list. */
export function InboxRow({
  row,
  isShown,
  onChoose,
  onStep,
}: {
  row: WaitingRow;
  isShown: boolean;
  onChoose: () => void;
  onStep: (by: 1 | -1) => void;
}) {
  const { sessionTitle, environment, requestedAt } = row.row;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isPlainKey(event)) return;
    if (event.key === "ArrowDown") onStep(1);
    else if (event.key === "ArrowUp") onStep(-1);
    else return;
    event.preventDefault();
  };
  return (
    <li className="border-b border-line">
      <button
        type="button"
        data-row={row.id}
        aria-current={isShown ? "true" : undefined}
        className="grid w-full gap-0.5 px-4 py-2.5 text-start -outline-offset-2 hover:bg-hover aria-current:bg-selected max-sm:min-h-11"
        onClick={onChoose}
        onKeyDown={onKeyDown}
      >
        <span className="flex items-center gap-2">
          <Glyph name="waiting" className="flex-none text-warning" />
          <span className={cn("truncate", row.kind === "approval" && "mono text-small")}>{lineOf(row)}</span>
        </span>
        <span className="flex items-center gap-2 text-small text-ink-3">
          <span className="truncate">
            {sessionTitle}
            {environment === "production" && " · production"}
          </span>
          <span className="ml-auto whitespace-nowrap">
            <Ago at={requestedAt} />
          </span>
        </span>
      </button>
    </li>
  );
}
