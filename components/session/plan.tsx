import { Check } from "lucide-react";
import type { SessionView } from "#domain/session-view.ts";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { Glyph } from "../ui/glyph.tsx";

const LABELS: Record<string, string> = {
  completed: "Done",
  in_progress: "Now",
  cancelled: "Skipped",
  stopped: "Not finished",
};

const LOOKS: Record<string, string> = {
  completed: "text-ink-3",
  cancelled: "text-ink-3 line-through",
  in_progress: "bg-accent-soft font-medium",
};

/** Of a session that has ended nothing is going on: what was begun was not done. */
const withEnd =
  (live: boolean) =>
  <E extends { status: string }>(entry: E): E =>
    live || entry.status !== "in_progress" ? entry : { ...entry, status: "stopped" };

/** The agent's plan as it stands now. */
export function Plan({ entries, live }: { entries: SessionView["plan"]; live: boolean }) {
  const done = entries.filter((entry) => entry.status === "completed").length;
  return (
    <ul
      className="rounded-md border border-line-strong bg-raised py-1"
      aria-label={`Plan, ${done} of ${entries.length} done`}
    >
      {entries.map(withEnd(live)).map((entry, index) => (
        // Two steps may have the same words; their order is what tells them apart.
        <li
          key={`${index}:${entry.content}`}
          className={cn(
            "flex min-h-[26px] items-center gap-2 px-3 py-0.5 wrap-anywhere",
            LOOKS[entry.status],
          )}
        >
          {entry.status === "completed" ? (
            <Icon as={Check} size="sm" className="text-success" />
          ) : (
            <Glyph
              name={entry.status === "in_progress" ? "active" : "ready"}
              className={`mx-0.5 ${entry.status === "in_progress" ? "text-accent" : "text-ink-3"}`}
            />
          )}
          <span className="sr-only">{LABELS[entry.status] ?? "To do"}: </span>
          <span>{entry.content}</span>
        </li>
      ))}
    </ul>
  );
}
