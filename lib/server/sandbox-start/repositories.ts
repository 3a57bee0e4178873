import type { Sandbox } from "e2b";
import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { AGENT_IDENTITY } from "#domain/git.ts";
import { makeSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { printedBy } from "../sandbox/programs.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { addresses } from "./addresses.ts";
import { ProvisionFailure, type StepReporter } from "./steps.ts";

/** Within what a session's creation may take at all. */
const CLONE_MS = 90_000;
/** What the program needs besides, to say that the time was over. */
const SPARE_MS = 10_000;

const cloned = z.object({
  words: z.string().max(2_000).optional(),
  submodules: z.number().int().optional(),
  lfs: z.boolean().optional(),
});
type Cloned = z.infer<typeof cloned>;

/** A text as a value of git's configuration. */
const quoted = (text: string) =>
  `"${text.replaceAll(/["\\]/g, (sign) => `\\${sign}`).replaceAll(/[\r\n\0]/g, " ")}"`;

/** Git's configuration of the sandbox's user: the way to Studio, with the session's token, and who commits. */
const configOf = (studioUrl: string, token: string, person: { name: string; email: string }) =>
  [
    `[http "${studioUrl}/api/git/"]`,
    `\textraHeader = ${quoted(`Authorization: Bearer ${token}`)}`,
    "[user]",
    `\tname = ${quoted(person.name || "Studio")}`,
    `\temail = ${quoted(person.email || "studio@localhost")}`,
    "[init]",
    "\tdefaultBranch = main",
    "",
  ].join("\n");

/** What was left out of a clone, in words. */
function leftOut({ submodules = 0, lfs = false }: Cloned): string | undefined {
  const parts = [
    ...(submodules > 0 ? [submodules === 1 ? "a submodule" : `${submodules} submodules`] : []),
    ...(lfs ? ["files in Git LFS"] : []),
  ];
  return parts.length === 0 ? undefined : `Not fetched: ${parts.join(" and ")}`;
}

/**
 * Clones a session's repositories into its workspace, through Studio, and gives the sandbox its token for that. A
 * session without any gets none.
 * @param isRestored whether the workspace holds them already
 * @throws ProvisionFailure with what git says
 */
export async function startRepositories(
  sandbox: Sandbox,
  sessionId: Id<"sandboxSessions">,
  generation: number,
  steps: StepReporter,
  isRestored: boolean,
): Promise<void> {
  const data = serviceData();
  const { person, repositories } = await data.query(api.sessionRepositories.forSession, { sessionId });
  if (repositories.length === 0) return;
  const { studioUrl } = addresses();
  const token = makeSecret("git_studio");
  await data.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation,
    keys: [{ kind: "git", ...token.stored }],
  });
  await sandbox.files.write("/home/user/.gitconfig", configOf(studioUrl, token.secret, person));
  // They stand in the workspace as they were saved.
  if (isRestored) return;
  for (const { connection, repository, folder, base, full, branch } of repositories)
    await steps.during(
      "clone",
      "project-pull",
      async () => {
        const url = `${studioUrl}/api/git/${connection}/${repository}.git`;
        const wanted = {
          url,
          repository,
          folder,
          base,
          full,
          branch,
          agent: AGENT_IDENTITY,
          timeoutMs: CLONE_MS,
        };
        const made = await printedBy(sandbox, {
          name: "git",
          args: "clone",
          env: { STUDIO_ROOT: WORKSPACE, STUDIO_GIT: JSON.stringify(wanted) },
          schema: cloned,
          timeoutMs: CLONE_MS + SPARE_MS,
        });
        if (made.words !== undefined)
          throw new ProvisionFailure(`Cloning ${repository} failed: ${made.words}`);
        return made;
      },
      leftOut,
    );
}
