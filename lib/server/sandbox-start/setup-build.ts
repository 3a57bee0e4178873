import type { FunctionReturnType } from "convex/server";
import { CommandExitError, type Sandbox } from "e2b";
import { EXIT_UNREACHABLE } from "#contracts/sync.ts";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { Masker } from "#domain/mask.ts";
import { type BuildCause, type LockfileHash, lockfilePath, missingVariables } from "#domain/setup.ts";
import { makeSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { isUnreachable } from "../convex/retry.ts";
import { serverOf } from "../git/connections.ts";
import { findRef } from "../git/remote.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { buildVariables } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { endMetered } from "../sandbox/end.ts";
import { createSandbox, isFull, sizeOf } from "../sandbox/sandbox.ts";
import { keepSnapshot, removeSnapshot, snapshotName, templateKey } from "../sandbox/snapshots.ts";
import { refusalsOf } from "../sandbox/service.ts";
import { isSandboxUnreachable, tellingBreaks } from "../sandbox/unreachable.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { addresses } from "./addresses.ts";
import { networkFor } from "./network.ts";
import { PACKAGE_FILES, packageFiles } from "./package-managers.ts";
import { hashLockfiles, runSetupScript, SetupFailed } from "./setup-run.ts";
import { projectVariables } from "./project-access.ts";
import { cloneRepository, GIT_CONFIG, gitConfig } from "./repositories.ts";
import { setupEnvironment } from "./setup-session.ts";
import { workspaceFiles } from "./workspace.ts";

type Work = NonNullable<FunctionReturnType<typeof api.setupBuilds.claim>>;

/** What a build takes beyond its script: after that its sandbox ends by itself. */
const AROUND_MS = 5 * 60_000;
const PREPARE_MS = 75_000;
/** How often a build says that it is at work. */
const BEAT_MS = 2_000;
/** How soon one is tried again that did not fail by itself. */
const AGAIN_MS = 30_000;
/** And one that the sandbox service had no room for: sessions come first. */
const FULL_AGAIN_MS = 3 * 60_000;

/** A build that is to be begun again. */
class Interrupted extends Error {
  readonly because: BuildCause;
  readonly delayMs: number;
  constructor(message: string, cause: BuildCause, delayMs: number) {
    super(message);
    this.name = "Interrupted";
    this.because = cause;
    this.delayMs = delayMs;
  }
}
/** A build that nobody wants any longer. */
class Unwanted extends Error {}

const STOPPED = "The server that ran it was stopped, so it begins again.";
const POLICY = "The network policy changed meanwhile, so it begins again.";

/**
 * Builds a script's snapshot, if it is due and no other server does: in a sandbox of its own, which ends with it.
 * @param signal ends it; it is taken up again by the server that sweeps next
 */
export async function buildSnapshot(scriptId: Id<"setupScripts">, signal: AbortSignal): Promise<void> {
  const data = serviceData();
  const name = snapshotName();
  const { secret, stored } = makeSecret("sync_studio");
  const git = makeSecret("git_studio");
  const work = await data.mutation(api.setupBuilds.claim, {
    scriptId,
    snapshotId: name,
    template: templateKey(),
    key: stored,
    gitKey: git.stored,
  });
  if (!work) return;
  const { buildId } = work;
  const started = Date.now();
  try {
    const made = await build(work, { name, syncKey: secret, gitKey: git.secret, signal });
    const kept = await data.mutation(api.setupBuilds.finish, {
      buildId,
      result: { status: "ready", ...made },
    });
    // Its organization may be gone by now, and with it every row that reminds of it.
    if (!kept) await removeSnapshot(made.snapshotId);
    log("info", "a set-up snapshot was built", { buildId, kept, durationMs: Date.now() - started });
  } catch (error) {
    if (error instanceof Unwanted) return;
    log("info", "a set-up snapshot was not built", { buildId, error: messageOf(error) });
    await data.mutation(api.setupBuilds.finish, {
      buildId,
      result: { status: "failed", ...failureOf(error, work.cause, signal) },
    });
  }
}

/** What a build's end is called, and whether it is tried again by itself. */
function failureOf(error: unknown, cause: BuildCause, signal: AbortSignal) {
  if (signal.aborted) return { error: STOPPED, again: { cause, delayMs: 0 } };
  if (error instanceof Interrupted)
    return { error: error.message, again: { cause: error.because, delayMs: error.delayMs } };
  if (error instanceof SetupFailed) return { error: error.message };
  if (isFull(error))
    return {
      error: "The sandbox service has no room for one more sandbox. It is tried again in a moment.",
      again: { cause, delayMs: FULL_AGAIN_MS },
    };
  if (isSandboxUnreachable(error) || isUnreachable(error))
    return {
      error: "The sandbox service isn't responding. It is tried again in a moment.",
      again: { cause, delayMs: AGAIN_MS },
    };
  return { error: messageOf(error) };
}

async function build(
  work: Work,
  { name, syncKey, gitKey, signal }: { name: string; syncKey: string; gitKey: string; signal: AbortSignal },
): Promise<{ snapshotId: string; lockfiles: LockfileHash[]; ref?: string }> {
  const data = serviceData();
  const { buildId } = work;
  const missing = missingVariables(work.scripts.flatMap((script) => script.missing));
  if (missing !== undefined) throw new SetupFailed(missing);
  const variables = await buildVariables(buildId);
  const where = addresses();
  const timeoutMs = work.scripts.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds * 1000, 0);
  const { sandbox } = await tellingBreaks(
    async () =>
      await createSandbox({
        envs: projectVariables({ ...where, syncKey }),
        metadata: { setup: buildId },
        isSession: false,
        network: await networkFor(work.network, []),
        timeoutMs: timeoutMs + AROUND_MS,
      }),
  );
  let text = "";
  /** @throws Unwanted | Interrupted */
  const beat = async () => {
    const { live, networkRevision } = await data.mutation(api.setupBuilds.progress, { buildId, text });
    if (!live) throw new Unwanted("the build is no longer wanted");
    if (networkRevision !== work.network.revision) throw new Interrupted(POLICY, "policy", 0);
  };
  try {
    const { sandboxId } = sandbox;
    const size = await sizeOf(sandboxId);
    await data.mutation(api.setupBuilds.progress, { buildId, sandboxId, ...(size && { size }) });
    await prepare(sandbox, work, syncKey);
    const ref = await whileBeating(beat, async () => await cloneFor(sandbox, work, gitKey));
    const paths = work.scripts.flatMap(({ folder, lockfiles }) =>
      lockfiles.map((path) => lockfilePath(folder, path)),
    );
    const before = await hashLockfiles(sandbox, paths);
    let beatAt = performance.now();
    try {
      for (const { script, folder, timeoutSeconds } of work.scripts)
        await runSetupScript(sandbox, {
          script,
          folder,
          timeoutMs: timeoutSeconds * 1000,
          env: setupEnvironment(variables),
          masker: new Masker(variables.map(({ value }) => value)),
          signal,
          onOutput: async (more) => {
            text += more;
            if (more === "" && performance.now() - beatAt < BEAT_MS) return;
            beatAt = performance.now();
            await beat();
          },
        });
    } finally {
      // A sandbox's service forgets them with the sandbox, and where it makes a snapshot of it.
      await noteRefusals(sandbox.sandboxId);
    }
    const after = await hashLockfiles(sandbox, paths);
    // What is this build's own, and no session's.
    await sandbox.commands.run(`rm -f .env ${GIT_CONFIG} ${PACKAGE_FILES.join(" ")}`, {
      cwd: WORKSPACE,
      timeoutMs: PREPARE_MS,
    });
    await beat();
    const snapshotId = await whileBeating(beat, async () => await keepSnapshot(sandbox.sandboxId, name));
    return {
      snapshotId,
      ...(ref !== undefined && { ref }),
      lockfiles: paths.map((path) => ({
        path,
        before: before.get(path) ?? null,
        after: after.get(path) ?? null,
      })),
    };
  } finally {
    // Where its host does not answer, it ends by its own clock.
    await endMetered(sandbox.sandboxId).catch(() => undefined);
  }
}

/**
 * Clones the repository of a build, as its default branch is now.
 * @returns that branch's ref, where it has a repository
 * @throws SetupFailed with what its server or git says
 */
async function cloneFor(
  sandbox: Sandbox,
  { organization, repository: its, scripts }: Work,
  token: string,
): Promise<string | undefined> {
  const folder = scripts.at(-1)?.folder ?? null;
  if (its === null || folder === null) return undefined;
  const { connection, repository } = its;
  try {
    const server = await serverOf(organization.id, connection);
    if (!server) throw refuse("git_connection_not_found", { connection });
    const base = await findRef(server, its, undefined);
    const person = { name: "", email: "" };
    await sandbox.files.write(GIT_CONFIG, gitConfig(addresses().studioUrl, token, person));
    const wanted = { connection, repository, folder, base, full: false, branch: "studio/setup" };
    const { words } = await cloneRepository(sandbox, { ...wanted, isPrepared: false });
    if (words !== undefined) throw new SetupFailed(`Cloning ${repository} failed: ${words}`);
    return base.ref ?? undefined;
  } catch (error) {
    throw error instanceof HttpError ? new SetupFailed(error.message) : error;
  }
}

/** Notes what its sandbox was refused, while its service still knows whose that is. Throws nothing. */
async function noteRefusals(sandboxId: string): Promise<void> {
  try {
    const refused = await refusalsOf(sandboxId);
    if (refused.length > 0)
      await serviceData().mutation(api.setupBuilds.refused, { refusals: [{ sandboxId, refused }] });
  } catch (error) {
    log("info", "what a set-up was refused is not known", { sandboxId, error: messageOf(error) });
  }
}

/** The workspace as a session's own is, but for what is that session's. */
async function prepare(sandbox: Sandbox, work: Work, syncKey: string): Promise<void> {
  await sandbox.files.write([
    ...workspaceFiles({
      ...addresses(),
      organization: work.organization,
      environment: work.environment,
      openCode: {},
      syncKey,
    }).filter(({ path }) => !path.endsWith("/opencode.json")),
    ...(await packageFiles(work.organization.id, syncKey)),
  ]);
  try {
    await sandbox.commands.run("git init -q -b main && struere pull --force", {
      cwd: WORKSPACE,
      timeoutMs: PREPARE_MS,
    });
  } catch (error) {
    if (!(error instanceof CommandExitError)) throw error;
    const message = `Pulling the project failed: ${(error.stderr || error.stdout).trim().slice(-300)}`;
    // It may be there in a moment.
    throw error.exitCode === EXIT_UNREACHABLE
      ? new Interrupted(message, work.cause, AGAIN_MS)
      : new SetupFailed(message);
  }
}

/** Does something that takes long, and says meanwhile that the build is at work. */
async function whileBeating<T>(beat: () => Promise<void>, act: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => void beat().catch(() => undefined), BEAT_MS);
  try {
    return await act();
  } finally {
    clearInterval(timer);
  }
}

/** Removes a snapshot that nobody wants any longer, and notes that. */
export async function removeOldSnapshot(
  buildId: Id<"setupBuilds">,
  snapshotId: string | null,
): Promise<void> {
  if (snapshotId !== null) await removeSnapshot(snapshotId);
  await serviceData().mutation(api.setupBuilds.removed, { buildId });
}
