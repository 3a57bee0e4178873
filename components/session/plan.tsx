import { Check } from "lucide-react";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";

const LABELS: Record<string, string> = {
  completed: "Done",
  in_progress: "Now",
  cancelled: "Skipped",
};

/** The agent's plan as it stands now. */
export function Plan({ entries }: { entries: SessionView["plan"] }) {
  const done = entries.filter((entry) => entry.status === "completed").length;
  return (
    <ul className="plan" aria-label={`Plan, ${done} of ${entries.length} done`}>
      {entries.map((entry, index) => (
        // Two steps may have the same words; their order is what tells them apart.
        <li key={`${index}:${entry.content}`} data-state={entry.status}>
          {entry.status === "completed" ? (
            <Check className="i i-sm text-success" aria-hidden="true" />
          ) : (
            <Glyph
              name={entry.status === "in_progress" ? "active" : "ready"}
              className={`mx-0.5 ${entry.status === "in_progress" ? "text-accent" : "text-ink-3"}`}
            />
          )}
          <span className="sr">{LABELS[entry.status] ?? "To do"}: </span>
          <span>{entry.content}</span>
        </li>
      ))}
    </ul>
  );
}
