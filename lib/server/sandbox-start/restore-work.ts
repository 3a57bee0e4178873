import type { Sandbox } from "e2b";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { restoreSession, Spoiled } from "../checkpoints/restore.ts";
import { sessionOf } from "../convex/session-data.ts";
import { CannotOpen } from "../keys/envelope.ts";
import { log, messageOf } from "../log.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { ProvisionFailure, type StepReporter } from "./steps.ts";

const RENEW_MS = 10_000;

/** The one file of a restored workspace that is written again: who pays may be another by now. */
export const AGENT_CONFIG = `${WORKSPACE}/opencode.json`;

/** Whether a session goes on from what was saved: it was resumed, or it branches from another one. */
export const goesOn = ({
  resumedAt,
  branchFromSeq,
}: Pick<Doc<"sandboxSessions">, "resumedAt" | "branchFromSeq">): boolean =>
  resumedAt !== undefined || branchFromSeq !== undefined;

/** Has a restored workspace's `.env` name the key of this sandbox in place of the one that it was saved with. */
export async function renewKey(sandbox: Sandbox, syncKey: string): Promise<void> {
  const file = `${WORKSPACE}/.env`;
  await sandbox.commands
    .run(`test ! -f ${file} || sed -i "s/^STRUERE_API_KEY=.*/STRUERE_API_KEY=$STUDIO_NEW_KEY/" ${file}`, {
      envs: { STUDIO_NEW_KEY: syncKey },
      timeoutMs: RENEW_MS,
    })
    // A file that can't be written stays as the person has made it: the sandbox's environment has the key, too.
    .catch((error: unknown) => log("info", "a saved key stays", { error: messageOf(error) }));
}

/**
 * Has a session go back, as it was ordered to, whose sandbox was just brought to this checkpoint.
 * @returns whether it did; otherwise it is as it was
 */
export type GoBack = (sandbox: Sandbox, checkpointId: Id<"checkpoints">) => Promise<boolean>;

interface RestoredWork {
  /** What the sandbox holds now; null where nothing was saved. */
  checkpointId: Id<"checkpoints"> | null;
  /** The session as it is by then: its agent goes on with that conversation. */
  session: Doc<"sandboxSessions">;
}

/**
 * Brings a resumed session's, or a branch's, fresh sandbox to what was saved of it, before its agent starts; and from there
 * to an earlier turn, where the session was resumed for that.
 * @returns undefined where the session begins from nothing
 * @throws ProvisionFailure where what was saved can't be brought back
 */
export async function restoreWork(
  sandbox: Sandbox,
  session: Doc<"sandboxSessions">,
  steps: StepReporter,
  goBack: GoBack,
): Promise<RestoredWork | undefined> {
  if (!goesOn(session)) return undefined;
  const restore = async (): Promise<RestoredWork> => {
    const checkpointId = await restoreSaved(sandbox, session._id);
    if (checkpointId === null || session.rewindId === undefined) return { checkpointId, session };
    const isBack = await goBack(sandbox, checkpointId);
    const { session: now } = await sessionOf(session._id);
    return { checkpointId: (isBack && now.checkpointId) || checkpointId, session: now };
  };
  return await steps.during("restore", "sandbox", restore, ({ checkpointId }) =>
    checkpointId === null ? "Nothing was saved, so it begins from the project" : undefined,
  );
}

/** @returns the checkpoint; null where nothing was saved. @throws ProvisionFailure */
async function restoreSaved(
  sandbox: Sandbox,
  sessionId: Id<"sandboxSessions">,
): Promise<Id<"checkpoints"> | null> {
  try {
    return await restoreSession(sandbox, sessionId);
  } catch (error) {
    if (error instanceof CannotOpen) {
      log("error", "what was saved of a session can't be decrypted", { sessionId, error: error.message });
      throw new ProvisionFailure(
        "What was saved of this session is encrypted with a key that this server doesn't have. It's kept, and the operator's log says which.",
      );
    }
    if (!(error instanceof Spoiled)) throw error;
    log("error", "nothing that was saved of a session can be read", { sessionId, error: messageOf(error) });
    throw new ProvisionFailure(
      "What was saved of this session can't be read. It's kept, and the operator's log says what is wrong.",
    );
  }
}
