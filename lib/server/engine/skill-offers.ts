import { createHash } from "node:crypto";
import { api } from "#convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { readPath } from "../sandbox/files.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { skillFilesOf, syncSkills } from "../sandbox/skill-files.ts";
import { BadSkillFile, readSkillFile } from "../skills/skill-file.ts";
import type { AgentConnection } from "./agent-connection.ts";
import type { Lease } from "./lease.ts";

/**
 * Looks at the files of a session's skills after a turn: what the agent has made of one is offered to the organization as
 * a change of its copy, which nobody but a person takes. It comes from the sandbox, so that it is masked. Throws nothing.
 */
export async function offerSkills(
  { sandboxId, sandboxTimeoutMs, models }: Pick<AgentConnection, "sandboxId" | "sandboxTimeoutMs" | "models">,
  { sessionId }: Pick<Lease, "sessionId">,
): Promise<void> {
  try {
    const files = await skillFilesOf(sessionId);
    // Most sessions have none, and need no look into the sandbox.
    if (files.length === 0) return;
    const sandbox = await openSandbox(sandboxId, sandboxTimeoutMs);
    for (const { skillId, path } of await syncSkills(sandbox, files)) {
      const found = await readPath(sandbox, path);
      if (found.kind !== "file" || found.content === null) continue;
      const sha256 = createHash("sha256").update(found.content).digest("hex");
      try {
        const fields = models.masker.maskValue(readSkillFile(found.content));
        await serviceData().mutation(api.skillOffers.note, {
          sessionId,
          skillId,
          sha256,
          ...fields,
        });
      } catch (error) {
        // What is no skill any more is nothing to offer.
        if (!(error instanceof BadSkillFile)) throw error;
      }
    }
  } catch (error) {
    log("info", "a session's skills could not be looked at after a turn", {
      sessionId,
      error: messageOf(error),
    });
  }
}
