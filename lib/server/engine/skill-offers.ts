import { createHash } from "node:crypto";
import type { Sandbox } from "e2b";
import { api } from "#convex/_generated/api.js";
import { MAX_SESSION_OFFERS, type SkillFields, skillPath } from "#domain/skills.ts";
import { serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { log, messageOf } from "../log.ts";
import { readPath } from "../sandbox/files.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { skillFilesOf, syncSkills } from "../sandbox/skill-files.ts";
import { BadSkillFile, readSkillFile } from "../skills/skill-file.ts";
import type { AgentConnection } from "./agent-connection.ts";
import type { Lease } from "./lease.ts";

/** What a file in a sandbox says; null where it is no skill, or nothing that can be read. */
async function skillIn(
  sandbox: Sandbox,
  path: string,
  mask: (fields: SkillFields) => SkillFields,
): Promise<(SkillFields & { sha256: string }) | null> {
  try {
    const found = await readPath(sandbox, path);
    if (found.kind !== "file" || found.content === null) return null;
    const sha256 = createHash("sha256").update(found.content).digest("hex");
    return { ...mask(readSkillFile(found.content)), sha256 };
  } catch (error) {
    // A sandbox that is gone is told of by the next file.
    if (error instanceof BadSkillFile || error instanceof HttpError) return null;
    throw error;
  }
}

/**
 * Looks at a session's skills after a turn in which its agent has acted: what it has made of one is offered to the
 * organization as a change of its copy, and what it has made by itself as a skill, which nobody but a person takes. It
 * comes from the sandbox, so that it is masked. Throws nothing.
 * @param turnMs how long the turn has taken
 */
export async function offerSkills(
  { sandboxId, sandboxTimeoutMs, models }: Pick<AgentConnection, "sandboxId" | "sandboxTimeoutMs" | "models">,
  { sessionId }: Pick<Lease, "sessionId">,
  turnMs: number,
): Promise<void> {
  const mask = (fields: SkillFields) => models.masker.maskValue(fields);
  try {
    const skills = await skillFilesOf(sessionId);
    if (skills.roots.length === 0) return;
    const sandbox = await openSandbox(sandboxId, sandboxTimeoutMs);
    const { changed, made } = await syncSkills(sandbox, skills, { madeWithinMs: turnMs });
    for (const { skillId, path } of changed) {
      const said = await skillIn(sandbox, path, mask);
      if (said) await serviceData().mutation(api.skillOffers.note, { sessionId, skillId, ...said });
    }
    for (const { root, name } of made.slice(0, MAX_SESSION_OFFERS)) {
      const said = await skillIn(sandbox, skillPath(root, name), mask);
      // OpenCode goes by the folder, too.
      if (said) await serviceData().mutation(api.skillOffers.noteNew, { sessionId, root, ...said, name });
    }
  } catch (error) {
    log("info", "a session's skills could not be looked at after a turn", {
      sessionId,
      error: messageOf(error),
    });
  }
}
