"use client";

import { clock } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";
import { isForPeople } from "#domain/lifecycle.ts";
import { keyRefused, type SessionView } from "#domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";
import { RailEntry } from "./transcript.tsx";

/** True where the agent is at work and nothing else in the transcript shows it. */
export function workingOn(view: SessionView): boolean {
  if (view.status !== "active") return false;
  if (keyRefused(view)) return false;
  if (isForPeople(view.waitingFor)) return false;
  return !view.items.some(
    (item) =>
      ((item.kind === "text" || item.kind === "thinking") && !item.done) ||
      (item.kind === "tool" && (item.state === "running" || item.state === "requested")),
  );
}

/** What the session waits for, and since when. @param since ISO 8601 */
export function WorkingEntry({
  view,
  start,
  since,
}: {
  view: SessionView;
  start: number;
  since: string | null;
}) {
  const now = useNow(1000);
  const from = since ?? new Date(start).toISOString();
  const ms = now === null ? 0 : Math.max(0, now - Date.parse(from));
  return (
    <RailEntry at={from} start={start} tick={<Glyph name="provisioning" className="text-info" />}>
      <p className="leading-[22px] text-ink-2">
        {view.waitingFor === "provider"
          ? "The provider rejected the last request. Retrying; nothing is lost."
          : view.waitingFor === "agent-start"
            ? "Restarting the agent"
            : "Waiting for the model"}
        {ms >= 2000 && (
          <>
            {", "}
            <span className="fact">{clock(ms)}</span>
          </>
        )}
      </p>
    </RailEntry>
  );
}
