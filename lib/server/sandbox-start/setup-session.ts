import type { FunctionReturnType } from "convex/server";
import type { Sandbox } from "e2b";
import { api } from "#convex/_generated/api.js";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { Masker } from "#domain/mask.ts";
import { changedLockfiles, lockfilePath, missingVariables } from "#domain/setup.ts";
import { serviceData } from "../convex/client.ts";
import type { SessionVariable } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { extendSandbox, isFull } from "../sandbox/sandbox.ts";
import { templateKey } from "../sandbox/snapshots.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { projectVariablesOf } from "./project-access.ts";
import { goesOn } from "./restore-work.ts";
import { hashLockfiles, runSetupScript, SetupFailed } from "./setup-run.ts";
import { ProvisionFailure, type StepReporter } from "./steps.ts";

type Setup = NonNullable<FunctionReturnType<typeof api.sessionSetup.forSession>>;
type Prepared = NonNullable<Setup["prepared"]>;
type Script = Setup["scripts"][number];

/** What the tries of one session's creation tell each other. */
export interface SetupMemory {
  /** Why the script is not run again. */
  skip?: string;
  /** Why it runs although there was a snapshot. */
  notice?: string;
}

/** Files of a workspace that are each session's own, whatever a script has made of the others. */
const OF_SESSION = ["struere.json", "opencode.json", "CLAUDE.md", ".env"].map(
  (name) => `${WORKSPACE}/${name}`,
);

/** What a script has in its environment: what the agent will have, and what is for set-up alone. */
export const setupEnvironment = (variables: readonly SessionVariable[]): Record<string, string> =>
  Object.fromEntries(
    variables.filter(({ reach }) => reach !== "terminals").map(({ name, value }) => [name, value]),
  );

const setupOf = async (sessionId: Id<"sandboxSessions">): Promise<Setup | null> =>
  await serviceData().mutation(api.sessionSetup.forSession, {
    sessionId,
    template: templateKey(),
  });

/** True where a session begins with a snapshot, and so in no sandbox that was made before. */
export const hasSnapshot = async (sessionId: Id<"sandboxSessions">): Promise<boolean> =>
  (await setupOf(sessionId))?.prepared != null;

/** How one try of a session's creation is set up: from a snapshot where there is one, else by the script itself. */
export class SessionSetup {
  readonly #session: Doc<"sandboxSessions">;
  readonly #generation: number;
  readonly #setup: Setup | null;
  readonly #memory: SetupMemory;
  /** True once there is a sandbox that was made from the snapshot. */
  #beganWithIt = false;

  private constructor(
    session: Doc<"sandboxSessions">,
    generation: number,
    setup: Setup | null,
    memory: SetupMemory,
  ) {
    this.#session = session;
    this.#generation = generation;
    this.#setup = setup;
    this.#memory = memory;
  }

  static async of(
    session: Doc<"sandboxSessions">,
    generation: number,
    memory: SetupMemory,
  ): Promise<SessionSetup> {
    const setup = await setupOf(session._id);
    // One was of no use to an earlier try: of another one, it might be found again and again.
    if (setup && memory.notice !== undefined) setup.prepared = null;
    return new SessionSetup(session, generation, setup, memory);
  }

  /** There is a sandbox already that holds nothing: whatever snapshot has come meanwhile, the script runs in it. */
  beginsPlain(): void {
    if (this.#setup) this.#setup.prepared = null;
  }

  /** Whether the session is set up at all, and so has files that come last. */
  get isThere(): boolean {
    return this.#setup !== null;
  }

  /** The build whose snapshot its sandbox was made from; null for none. */
  get snapshotUsed(): Id<"setupBuilds"> | null {
    return this.#beganWithIt ? (this.#setup?.prepared?.buildId ?? null) : null;
  }

  /** Creates the sandbox from the snapshot, or without it where that does not start any longer. */
  async create<T>(make: (template?: string) => Promise<T>): Promise<T> {
    const prepared = this.#setup?.prepared;
    if (!prepared) return await make();
    try {
      const made = await make(prepared.snapshotId);
      this.#beganWithIt = true;
      return made;
    } catch (error) {
      // A session that has ended, or whose server is another one by now, has not the snapshot's fault.
      if (error instanceof ProvisionFailure || isFull(error)) throw error;
      const made = await make();
      log("warn", "a set-up snapshot does not start", {
        sessionId: this.#session._id,
        error: messageOf(error),
      });
      await this.#spoil("broken", "The snapshot no longer starts, so set-up ran again.");
      return made;
    }
  }

  async #spoil(cause: "stale" | "broken", notice: string): Promise<void> {
    const prepared = this.#setup?.prepared;
    if (!this.#setup || !prepared) return;
    this.#memory.notice = notice;
    this.#setup.prepared = null;
    const { buildId } = prepared;
    await serviceData().mutation(api.sessionSetup.spoiled, { buildId, cause, isUsable: false });
  }

  /** The files that are written into its workspace: a script may have changed some of those in a snapshot. */
  filesOf<T extends { path: string }>(files: T[]): T[] {
    return this.#setup?.prepared ? files.filter(({ path }) => OF_SESSION.includes(path)) : files;
  }

  /**
   * A step failed in a sandbox that began with the snapshot: the next try begins without it.
   * @returns the error to go on with
   */
  async failed(error: unknown): Promise<unknown> {
    if (!this.#beganWithIt || !this.#setup?.prepared) return error;
    if (!(error instanceof ProvisionFailure) || error.passing) return error;
    const { _id: sessionId } = this.#session;
    const { session } = await serviceData().query(api.sandboxSessions.forServer, { sessionId });
    // A person has ended it: nothing is wrong with the snapshot.
    if (session.status !== "provisioning") return error;
    await this.#spoil("broken", "The snapshot no longer starts, so set-up ran again.");
    return new ProvisionFailure(error.message, { passing: true });
  }

  /** Whether the sandbox begins with a clone of its repository, as a snapshot holds it. */
  get holdsRepository(): boolean {
    const prepared = this.#setup?.prepared;
    return (
      this.#setup?.scripts.slice(0, prepared?.covers ?? 0).some(({ folder }) => folder !== null) ?? false
    );
  }

  /** Sees to it that the sandbox is set up. A script that fails is told in the log; the session begins all the same. */
  async finish(sandbox: Sandbox, steps: StepReporter, variables: readonly SessionVariable[]): Promise<void> {
    const setup = this.#setup;
    if (!setup) return;
    try {
      await steps.during(
        "setup",
        "setup",
        async () => {
          if (this.#memory.skip !== undefined) throw new SetupFailed(this.#memory.skip);
          const { prepared, scripts } = setup;
          const rest = scripts.slice(prepared ? await this.#holds(sandbox, prepared) : 0);
          if (prepared && rest.length === 0)
            return `From the snapshot of ${new Date(prepared.builtAt).toISOString().slice(0, 16).replace("T", " ")} UTC`;
          const missing = missingVariables(rest.flatMap((script) => script.missing));
          if (missing !== undefined) throw new SetupFailed(missing);
          for (const script of rest) await this.#run(sandbox, script, variables);
          return this.#memory.notice;
        },
        (detail) => detail,
      );
    } catch (error) {
      if (!(error instanceof SetupFailed)) throw error;
      if (!error.endedSandbox) return;
      this.#memory.skip = `${error.message} The session began without it.`;
      throw new ProvisionFailure(error.message, { passing: true });
    }
  }

  /**
   * @returns how many of the scripts need not run again, by the lockfiles that the sandbox has now
   * @throws ProvisionFailure where the snapshot is stale: the next try begins without it
   */
  async #holds(sandbox: Sandbox, prepared: Prepared): Promise<number> {
    const { covers, lockfiles } = prepared;
    const now = await hashLockfiles(
      sandbox,
      lockfiles.map(({ path }) => path),
    );
    const changed = changedLockfiles(lockfiles, now);
    if (changed.length === 0) return covers;
    // Its own work has changed them: the snapshot is as good as before for everybody else.
    if (goesOn(this.#session)) {
      this.#memory.notice = `The session has changed ${changed.join(", ")}, so set-up ran again.`;
      return 0;
    }
    // Branches of a repository have lockfiles of their own: what is there is put right by its script.
    const last = this.#setup?.scripts[covers - 1];
    const own = last?.folder == null ? [] : last.lockfiles.map((path) => lockfilePath(last.folder, path));
    if (changed.every((path) => own.includes(path))) {
      this.#memory.notice = `${changed.join(", ")} differs from the snapshot's, so set-up of ${last?.folder} ran again.`;
      const { buildId, isOfBase } = prepared;
      if (isOfBase)
        await serviceData().mutation(api.sessionSetup.spoiled, { buildId, cause: "stale", isUsable: true });
      return covers - 1;
    }
    const notice = `The snapshot is stale, since ${changed.join(", ")} changed, so set-up ran again.`;
    await this.#spoil("stale", notice);
    throw new ProvisionFailure(notice, { passing: true });
  }

  async #run(sandbox: Sandbox, script: Script, variables: readonly SessionVariable[]): Promise<void> {
    const data = serviceData();
    const of: { sessionId: Id<"sandboxSessions">; generation: number } = {
      sessionId: this.#session._id,
      generation: this.#generation,
    };
    const timeoutMs = script.timeoutSeconds * 1000;
    await data.mutation(api.sessionSetup.runsInSession, { ...of, timeoutMs });
    const lifeMs = this.#session.idleTimeoutMs + DEADLINES.sandboxGraceMs;
    await extendSandbox(sandbox.sandboxId, timeoutMs + lifeMs);
    await runSetupScript(sandbox, {
      script: script.script,
      folder: script.folder,
      timeoutMs,
      // One that was warm has no environment of its own.
      env: { ...setupEnvironment(variables), ...projectVariablesOf(this.#session._id) },
      masker: new Masker(variables.map(({ value }) => value)),
      onOutput: async (delta) => {
        if (delta === "") return;
        const live = await data.mutation(api.sessionSetup.sessionOutput, { ...of, delta });
        if (!live) throw new ProvisionFailure("The session was ended while it was being created.");
      },
    });
    await extendSandbox(sandbox.sandboxId, lifeMs);
  }
}
