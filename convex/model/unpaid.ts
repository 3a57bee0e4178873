import { isLive } from "#domain/lifecycle.ts";
import { refuseFrozen, stillFrozen } from "./frozen.ts";
import { refuse } from "./refusal.ts";
import { isOutOfCredits } from "./metering.ts";
import type { SessionWriter } from "./session-writer.ts";

/**
 * Has a session stop whose sandbox can't be paid for any longer: at once where nothing runs, else at the end of the turn.
 * A server saves its work first. The caller saves the writer.
 */
export async function stopUnpaid(writer: SessionWriter): Promise<void> {
  const { status, isUnpaid, activeRunId, deadlineAt } = writer.session;
  if (!isLive(status) || status === "provisioning") return;
  writer.patch({ isUnpaid: true });
  // Something may have put its end off.
  if (status !== "active") return deadlineAt > writer.now ? stopNow(writer) : undefined;
  if (isUnpaid === true) return;
  await writer.append({
    type: "message.system",
    source: "studio.billing",
    ...(activeRunId && { runId: activeRunId }),
    payload: {
      content:
        "No credits are left for the sandbox's time. The session stops after this turn; its work is saved.",
      level: "warning",
    },
  });
}

const stopNow = (writer: SessionWriter): void => writer.patch({ deadlineAt: writer.now });

/** Lets a session go on that was to stop, where there are credits again. @returns whether it still has to stop */
export async function stillUnpaid(writer: SessionWriter): Promise<boolean> {
  if (writer.session.isUnpaid !== true) return false;
  if (await isOutOfCredits(writer.ctx, writer.session.organizationId)) return true;
  writer.patch({ isUnpaid: undefined });
  return false;
}

/** A turn has ended. @returns whether the session stops now, so that nothing more begins */
export async function stopsAfterTurn(writer: SessionWriter): Promise<boolean> {
  if (!(await stillFrozen(writer)) && !(await stillUnpaid(writer))) return false;
  stopNow(writer);
  return true;
}

/** @throws organization_frozen | no_credits where the session is about to stop, since nothing is left for its sandbox */
export async function refuseStopping(writer: SessionWriter): Promise<void> {
  await refuseFrozen(writer.ctx, writer.session.organizationId);
  // It may be of before a thaw.
  writer.patch({ isFrozen: undefined });
  if (await stillUnpaid(writer)) throw refuse("sandbox_credits");
}
