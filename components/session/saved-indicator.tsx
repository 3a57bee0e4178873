"use client";

import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { plural } from "#domain/plural.ts";
import { cn } from "../ui/cn.ts";
import { useSessionState } from "./session-context.tsx";

/** Work that is not saved for so long is shown as such. */
const LATE_MS = 2 * 60_000;

/** How old what is saved of the session's work is. */
export function SavedIndicator() {
  const f = useFormat();
  const now = useNow(1000);
  const { view, live, lastEventAt } = useSessionState();
  const { saved } = view;
  if (now === null || saved === undefined) return null;
  if (saved.at === undefined)
    return (
      <span className="text-small whitespace-nowrap text-warning" title={saved.error}>
        Not saved
      </span>
    );
  const at = Date.parse(saved.at);
  const worked = view.status === "active" ? now : Date.parse(lastEventAt ?? saved.at);
  const late = saved.error !== undefined || (live && worked - at > LATE_MS);
  const left = saved.leftOut ?? 0;
  const facts = [
    `${saved.files ?? 0} ${plural(saved.files ?? 0, "file", "files")}, ${f.bytes(saved.bytes ?? 0)}`,
    ...(left > 0 ? [`${left} left out: ${(saved.leftOutPaths ?? []).join(", ")}`] : []),
    ...(saved.error === undefined ? [] : [saved.error]),
  ];
  return (
    <span
      className={cn("text-small whitespace-nowrap", late ? "text-warning" : "text-ink-2")}
      title={facts.join("\n")}
      data-testid="saved"
    >
      Saved <span className="fact">{f.wholeSeconds(Math.max(0, now - at))}</span> ago, verified
    </span>
  );
}
