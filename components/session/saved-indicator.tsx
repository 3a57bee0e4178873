"use client";

import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { plural } from "#domain/plural.ts";
import { cn } from "../ui/cn.ts";
import { useOpened, useSessionState } from "./session-context.tsx";

/** Work that is not saved for so long is shown as such. */
const LATE_MS = 2 * 60_000;

/** How old what is saved of the session's work is. @param short where there is little room: "verified" is in its title */
export function SavedIndicator({ short = false }: { short?: boolean }) {
  const f = useFormat();
  const now = useNow(1000);
  const { view, live, lastEventAt } = useSessionState();
  const { saved } = view;
  const { session } = useOpened();
  // What a log that was imported says was saved is nowhere here.
  if (now === null || saved === undefined || session.importedAt !== null) return null;
  if (saved.at === undefined)
    return (
      <span className="truncate text-small text-warning" title={saved.error} data-testid="saved">
        Not saved
      </span>
    );
  const at = Date.parse(saved.at);
  const worked = view.status === "active" ? now : Date.parse(lastEventAt ?? saved.at);
  const late = saved.error !== undefined || (live && worked - at > LATE_MS);
  const left = saved.leftOut ?? 0;
  const facts = [
    ...(short ? ["Verified"] : []),
    `${saved.files ?? 0} ${plural(saved.files ?? 0, "file", "files")}, ${f.bytes(saved.bytes ?? 0)}`,
    ...(left > 0 ? [`${left} left out: ${(saved.leftOutPaths ?? []).join(", ")}`] : []),
    ...(saved.error === undefined ? [] : [saved.error]),
  ];
  return (
    <span
      className={cn("min-w-0 truncate text-small", late ? "text-warning" : "text-ink-2")}
      title={facts.join("\n")}
      data-testid="saved"
    >
      Saved <span className="fact">{f.wholeSeconds(Math.max(0, now - at))}</span> ago
      {!short && ", verified"}
    </span>
  );
}
