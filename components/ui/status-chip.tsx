import { isForPeople, type SessionStatus, type WaitCause } from "#domain/lifecycle.ts";
import { ordinal } from "#domain/plural.ts";
import { keyRefused } from "#domain/session-view.ts";
import { Chip } from "./chip.tsx";
import type { GlyphName } from "./glyph.tsx";
import type { ColorRole } from "./tones.ts";

const STATES: Record<SessionStatus, { glyph: GlyphName; tone: ColorRole; word: string }> = {
  provisioning: { glyph: "provisioning", tone: "info", word: "Provisioning" },
  ready: { glyph: "ready", tone: "accent", word: "Ready" },
  active: { glyph: "active", tone: "accent", word: "Active" },
  idle: { glyph: "idle", tone: "neutral", word: "Idle" },
  stopped: { glyph: "stopped", tone: "neutral", word: "Stopped" },
  error: { glyph: "error", tone: "danger", word: "Error" },
};

/** A session's status, in shape, word, and color. */
export function StatusChip({
  status,
  waitingFor,
  waitDetail,
  queuePlace,
  testId,
}: {
  status: SessionStatus;
  waitingFor: WaitCause | null;
  waitDetail?: { status: number } | null | undefined;
  /** Its place among those who wait for a sandbox, from 1. */
  queuePlace?: number | null | undefined;
  testId?: string;
}) {
  const needsPerson = isForPeople(waitingFor) || keyRefused({ waitingFor, waitDetail });
  const blocked = status === "active" && needsPerson;
  const { glyph, tone, word } = blocked
    ? ({ glyph: "waiting", tone: "warning", word: "Waiting for you" } as const)
    : status === "stopped" && waitingFor === "approval"
      ? ({ glyph: "waiting", tone: "warning", word: "Parked" } as const)
      : STATES[status];
  return (
    <Chip tone={tone} glyph={glyph} data-testid={testId} data-status={status}>
      {waitingFor === "capacity" && queuePlace ? `${ordinal(queuePlace)} in line` : word}
    </Chip>
  );
}
