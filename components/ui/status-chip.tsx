import type { SessionStatus, WaitCause } from "../../lib/domain/lifecycle.ts";
import { keyRefused } from "../../lib/domain/session-view.ts";
import { Glyph, type GlyphName } from "./glyph.tsx";

const STATES: Record<SessionStatus, { glyph: GlyphName; role: string; word: string }> = {
  provisioning: { glyph: "provisioning", role: "is-info", word: "Provisioning" },
  ready: { glyph: "ready", role: "is-accent", word: "Ready" },
  active: { glyph: "active", role: "is-accent", word: "Active" },
  idle: { glyph: "idle", role: "is-neutral", word: "Idle" },
  stopped: { glyph: "stopped", role: "is-neutral", word: "Stopped" },
  error: { glyph: "error", role: "is-danger", word: "Error" },
};

/** Causes that only a person ends. */
const NEEDS_PERSON: ReadonlySet<WaitCause> = new Set(["approval", "budget", "credits"]);

/** A session's status, in shape, word, and color. */
export function StatusChip({
  status,
  waitingFor,
  waitDetail,
  testId,
}: {
  status: SessionStatus;
  waitingFor: WaitCause | null;
  waitDetail?: { status: number } | null | undefined;
  testId?: string;
}) {
  const needsPerson =
    (waitingFor !== null && NEEDS_PERSON.has(waitingFor)) || keyRefused({ waitingFor, waitDetail });
  const blocked = status === "active" && needsPerson;
  const { glyph, role, word } = blocked
    ? { glyph: "waiting" as const, role: "is-warning", word: "Waiting for you" }
    : STATES[status];
  return (
    <span className={`chip ${role}`} data-testid={testId} data-status={status}>
      <Glyph name={glyph} />
      {word}
    </span>
  );
}
