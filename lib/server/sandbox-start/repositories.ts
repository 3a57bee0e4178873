import type { Sandbox } from "e2b";
import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Doc } from "#convex/_generated/dataModel.js";
import { AGENT_IDENTITY } from "#domain/git.ts";
import { makeSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { log } from "../log.ts";
import { printedBy } from "../sandbox/programs.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { addresses } from "./addresses.ts";
import { ProvisionFailure, type StepReporter } from "./steps.ts";

/** Within what a session's creation may take at all. */
const CLONE_MS = 90_000;
const BRANCH_MS = 20_000;
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

/** Where the sandbox's user has git's configuration. */
export const GIT_CONFIG = "/home/user/.gitconfig";

/** Git's configuration: the way to Studio, with the sandbox's token, and who commits. */
export const gitConfig = (studioUrl: string, token: string, person: { name: string; email: string }) =>
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

/** What is to be cloned, and onto which branch. */
interface Clone {
  connection: string;
  repository: string;
  folder: string;
  base: { ref: string | null; commit: string };
  full: boolean;
  branch: string;
  /** True where the session may not push to it. */
  isReadOnly?: boolean;
  /** Whether the folder holds a clone already, which is brought up to date; what git ignores stays. */
  isPrepared: boolean;
}

/** Clones a repository into the workspace, through Studio. @returns what was left out, and git's words where it failed */
export async function cloneRepository(
  sandbox: Sandbox,
  { connection, repository, ...more }: Clone,
): Promise<Cloned> {
  const wanted = {
    url: `${addresses().studioUrl}/api/git/${connection}/${repository}.git`,
    repository,
    ...more,
    agent: AGENT_IDENTITY,
    timeoutMs: CLONE_MS,
  };
  return await printedBy(sandbox, {
    name: "git",
    args: "clone",
    env: { STUDIO_ROOT: WORKSPACE, STUDIO_GIT: JSON.stringify(wanted) },
    schema: cloned,
    timeoutMs: CLONE_MS + SPARE_MS,
  });
}

const moved = z.object({ words: z.string().max(2_000).optional() });

/** Has a branch's copies of repositories stand on its own branches of git: those of the other session it may not push. */
async function moveToOwnBranches(
  sandbox: Sandbox,
  repositories: readonly { folder: string; branch: string }[],
): Promise<void> {
  for (const { folder, branch } of repositories) {
    const { words } = await printedBy(sandbox, {
      name: "git",
      args: "ownBranch",
      env: { STUDIO_ROOT: WORKSPACE, STUDIO_GIT: JSON.stringify({ folder, branch }) },
      schema: moved,
      timeoutMs: BRANCH_MS,
    });
    if (words !== undefined) log("info", "a branch keeps its branch of git", { error: words });
  }
}

/**
 * Clones a session's repositories into its workspace, and gives the sandbox its token for that. A session without any
 * gets none.
 * @param there `isRestored`: the workspace holds them as they were saved; `isPrepared`: as a snapshot has them
 * @throws ProvisionFailure with what git says
 */
export async function startRepositories(
  sandbox: Sandbox,
  { _id: sessionId, branchFromSeq, resumedAt }: Doc<"sandboxSessions">,
  generation: number,
  steps: StepReporter,
  { isRestored, isPrepared }: { isRestored: boolean; isPrepared: boolean },
): Promise<void> {
  const data = serviceData();
  const { person, repositories } = await data.query(api.sessionRepositories.forSession, { sessionId });
  if (repositories.length === 0) return;
  const token = makeSecret("git_studio");
  await data.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation,
    keys: [{ kind: "git", ...token.stored }],
  });
  await sandbox.files.write(GIT_CONFIG, gitConfig(addresses().studioUrl, token.secret, person));
  if (isRestored) {
    if (branchFromSeq !== undefined && resumedAt === undefined)
      await moveToOwnBranches(
        sandbox,
        repositories.filter(({ access }) => access !== "read"),
      );
    return;
  }
  for (const { connection, repository, folder, base, full, branch, access } of repositories)
    await steps.during(
      "clone",
      "project-pull",
      async () => {
        const isReadOnly = access === "read";
        const wanted = { connection, repository, folder, base, full, branch, isReadOnly, isPrepared };
        const made = await cloneRepository(sandbox, wanted);
        if (made.words !== undefined)
          throw new ProvisionFailure(`Cloning ${repository} failed: ${made.words}`);
        return made;
      },
      leftOut,
    );
}
