import { isParked } from "#domain/approvers.ts";
import type { Doc } from "../_generated/dataModel";
import type { SessionWriter } from "./session-writer.ts";
import { settingsOf } from "./settings.ts";

/** What a run asks is asked until then, and what becomes of it without an answer. */
export interface Deadline {
  /** Epoch milliseconds. */
  at: number;
  action: "deny" | "park";
}

/** The deadline of what a run asks now, as its organization has it. */
export async function deadlineOf(writer: SessionWriter, run: Doc<"runs"> | null): Promise<Deadline> {
  const settings = await settingsOf(writer.ctx, writer.session.organizationId);
  return {
    at: writer.now + settings.approval_deadline_minutes * 60_000,
    action: isParked(settings.approval_deadline_action, run?.isUnattended === true) ? "park" : "deny",
  };
}

/** Nothing waits for people any more: the time that a run has did not pass meanwhile. */
export function goOnWaited(writer: SessionWriter): void {
  const { waitedFrom } = writer.session;
  if (!waitedFrom) return;
  const deadlineAt = waitedFrom.deadlineAt + (writer.now - waitedFrom.at);
  writer.patch({ deadlineAt, waitedFrom: undefined, parking: undefined });
}

/** A run that waits for people is not over before what it asks is; the sweep has so long to see that. */
const GRACE_MS = 60_000;

/** The session waits for a person, until then at the latest. @param at epoch milliseconds */
export async function waitUntil(writer: SessionWriter, at: number): Promise<void> {
  const { status, deadlineAt, waitedFrom, parking } = writer.session;
  if (status === "active")
    writer.patch({
      waitedFrom: waitedFrom ?? { at: writer.now, deadlineAt },
      // What asks while it is being parked is parked with the rest.
      ...(parking !== true && { deadlineAt: Math.max(deadlineAt, at + GRACE_MS) }),
    });
  await writer.wait("approval");
}
