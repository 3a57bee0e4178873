import type { Sandbox } from "e2b";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { restoreSession, Spoiled } from "../checkpoints/restore.ts";
import { log, messageOf } from "../log.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { ProvisionFailure, type StepReporter } from "./steps.ts";

/** The one file of a restored workspace that is written again: who pays may be another by now. */
export const AGENT_CONFIG = `${WORKSPACE}/opencode.json`;

/**
 * Brings a resumed session's fresh sandbox to what was saved of it, before its agent starts.
 * @returns what it was brought to, null where nothing was saved; undefined where the session is new
 * @throws ProvisionFailure where what was saved can't be brought back
 */
export async function restoreWork(
  sandbox: Sandbox,
  { _id: sessionId, resumedAt }: Doc<"sandboxSessions">,
  steps: StepReporter,
): Promise<{ checkpointId: Id<"checkpoints"> | null } | undefined> {
  if (resumedAt === undefined) return undefined;
  const restore = async () => {
    try {
      return { checkpointId: await restoreSession(sandbox, sessionId) };
    } catch (error) {
      if (!(error instanceof Spoiled)) throw error;
      log("error", "nothing that was saved of a session can be read", { sessionId, error: messageOf(error) });
      throw new ProvisionFailure(
        "What was saved of this session can't be read. It's kept, and the operator's log says what is wrong.",
      );
    }
  };
  return await steps.during("restore", "sandbox", restore, ({ checkpointId }) =>
    checkpointId === null ? "Nothing was saved, so it begins from the project" : undefined,
  );
}
