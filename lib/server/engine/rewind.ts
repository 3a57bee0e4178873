import type { Sandbox } from "e2b";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { rewindsConversation } from "#domain/rewind.ts";
import { retry, TimedOut, until } from "#net/retry.ts";
import { ProgramFailed } from "../checkpoints/program.ts";
import { Spoiled } from "../checkpoints/restore.ts";
import { CheckpointGone, rewindFiles } from "../checkpoints/rewind.ts";
import { saveSession, type SaveResult } from "../checkpoints/save.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { CannotOpen } from "../keys/envelope.ts";
import { log, messageOf } from "../log.ts";
import { stopAgentServer } from "../sandbox-start/agent-server.ts";
import { isGone, openSandbox } from "../sandbox/sandbox.ts";
import type { Lease } from "./lease.ts";

type Order = NonNullable<FunctionReturnType<typeof api.sessionRewinds.take>>;

/** How long a checkpoint is waited for: another server may be taking one, or may have died of it. */
const SAVE_MS = 150_000;
/** The same within the time that a session has to start. */
const STARTING_SAVE_MS = 20_000;
const LOOK_MS = 200;
const PATIENCE_MS = 30_000;
const TRIES = 3;
const PAUSE_MS = 1_000;

const STEPS = { saveSession, rewindFiles, stopAgentServer, openSandbox };

const NOT_SAVED = "What is there now couldn't be saved, so nothing was changed. Try again.";
const GONE = "That turn is no longer saved, so nothing was changed.";
const SPOILED = "What was saved of that turn can't be read, so nothing was changed. Choose another turn.";
const BROKE = "It failed in the middle, so what was there before was brought back.";

/**
 * Carries out what a person has ordered: the session goes back to an earlier turn. What is there is saved first; then it
 * is replaced, with the agent ended where its conversation goes back; and it counts once what came of it is saved.
 * A server that takes the session over in the middle does the same again, so that it is done wholly, or not at all.
 * @param steps what it is made of; tests put their own in place
 * @throws lease_lost, and where neither the one state nor the other can be reached
 */
export async function carryOutRewind(
  lease: Lease,
  data: Data = serviceData(),
  steps: typeof STEPS = STEPS,
): Promise<void> {
  const order = await data.mutation(api.sessionRewinds.take, lease);
  if (order) await new Rewinding(lease, order, { data, steps }).run();
}

/** Where a session stands that goes on in another sandbox: its work is restored, and its agent not started. */
interface Restored {
  sandbox: Sandbox;
  checkpointId: Id<"checkpoints">;
}

/**
 * The same for a session that has ended and goes on to go back: its agent starts once, with what it has gone back to.
 * @returns whether it did
 * @throws the same
 */
export async function rewindRestored(
  lease: Lease,
  restored: Restored,
  data: Data = serviceData(),
  steps: typeof STEPS = STEPS,
): Promise<boolean> {
  const order = await data.mutation(api.sessionRewinds.take, lease);
  return order !== null && (await new Rewinding(lease, order, { data, steps, restored }).run());
}

class Rewinding {
  readonly #lease: Lease;
  readonly #order: Order;
  readonly #data: Data;
  readonly #steps: typeof STEPS;
  readonly #restored: Restored | undefined;

  constructor(
    lease: Lease,
    order: Order,
    { data, steps, restored }: { data: Data; steps: typeof STEPS; restored?: Restored },
  ) {
    this.#lease = lease;
    this.#order = order;
    this.#data = data;
    this.#steps = steps;
    this.#restored = restored;
  }

  get #ofOrder() {
    return { ...this.#lease, rewindId: this.#order.rewindId };
  }

  /** @returns whether the session went back; otherwise it is as it was */
  async run(): Promise<boolean> {
    const undoId = this.#order.undoId ?? (await this.#saveFirst());
    if (!undoId) return await this.#fail(NOT_SAVED);
    // What an earlier try was to bring back is spoiled since, and an earlier checkpoint restored.
    if (this.#restored && undoId !== this.#restored.checkpointId) return await this.#fail(SPOILED);
    const sandbox = this.#restored?.sandbox ?? (await this.#open());
    const endsAgent = this.#endsAgent;
    try {
      const open = await this.#replace(sandbox, undoId);
      if (open === undefined) {
        await this.#saveOutcome();
        return true;
      }
      return await this.#fail("Files were changed by hand since, and nobody said what becomes of them.", {
        paths: open,
        restart: endsAgent,
      });
    } catch (error) {
      if (refusalOf(error)?.kind === "lease_lost" || isGone(error)) throw error;
      log("warn", "a session could not go back", {
        sessionId: this.#lease.sessionId,
        error: messageOf(error),
      });
      // What can't be read was not begun with, unless by a server before this one.
      if (this.#order.isApplying || !UNREADABLE.some((kind) => error instanceof kind))
        await this.#takeBack(sandbox, undoId);
      return await this.#fail(sentenceOf(error), { restart: endsAgent });
    }
  }

  get #endsAgent(): boolean {
    return this.#restored === undefined && rewindsConversation(this.#order.what);
  }

  async #open(): Promise<Sandbox> {
    const { sandboxId, idleTimeoutMs } = this.#order;
    return await this.#steps.openSandbox(sandboxId, idleTimeoutMs + DEADLINES.sandboxGraceMs);
  }

  /** @returns the checkpoint that holds what is there; null where it could not be saved */
  async #saveFirst(): Promise<Id<"checkpoints"> | null> {
    if (this.#restored) {
      const restoredId = this.#restored.checkpointId;
      return await this.#data.mutation(api.sessionRewinds.begin, { ...this.#ofOrder, restoredId });
    }
    const result = await this.#save();
    if (result !== "saved" && result !== "unchanged") return null;
    return await this.#data.mutation(api.sessionRewinds.begin, this.#ofOrder);
  }

  async #save(ofRewind?: { rewindId: Order["rewindId"]; generation: number }): Promise<SaveResult> {
    let result: SaveResult = "busy";
    const once = async () => {
      result = await this.#steps.saveSession(this.#lease.sessionId, "rewind", { ofRewind });
      return result !== "busy";
    };
    const timeoutMs = this.#restored ? STARTING_SAVE_MS : SAVE_MS;
    await until("the checkpoint", once, { timeoutMs, everyMs: LOOK_MS }).catch((error: unknown) => {
      if (!(error instanceof TimedOut)) throw error;
    });
    return result;
  }

  /** @returns files that are in the way, where nothing was changed for them */
  async #replace(sandbox: Sandbox, safetyId: Id<"checkpoints">): Promise<string[] | undefined> {
    const { what, checkpointId, baseId, overwrite, keep } = this.#order;
    const { sessionId } = this.#lease;
    if (this.#endsAgent) await this.#steps.stopAgentServer(sandbox);
    const once = async () =>
      await this.#steps.rewindFiles(sandbox, sessionId, {
        what,
        checkpointId,
        baseId,
        safetyId,
        overwrite,
        keep,
      });
    const done = await this.#persistently(once);
    if (done.openCount > 0) return done.open;
    const { kept, counts } = done;
    await this.#data.mutation(api.sessionRewinds.applied, { ...this.#ofOrder, kept, counts });
    return undefined;
  }

  async #persistently<T>(work: () => Promise<T>): Promise<T> {
    return await retry(work, {
      timeoutMs: PATIENCE_MS,
      pauseMs: PAUSE_MS,
      tries: TRIES,
      isPassing: (error) => !isGone(error) && !FINAL.some((kind) => error instanceof kind),
    });
  }

  /** Saves what came of it, by which it is done. @throws Error where that is not to be had */
  async #saveOutcome(): Promise<void> {
    const { rewindId } = this.#order;
    const result = await this.#save({ rewindId, generation: this.#lease.generation });
    if (result !== "saved" && result !== "unchanged") throw new NotSaved(result);
  }

  /** Brings back what was there before; the agent does not run where its conversation was to go back. */
  async #takeBack(sandbox: Sandbox, undoId: Id<"checkpoints">): Promise<void> {
    const { what, checkpointId } = this.#order;
    if (!checkpointId) return;
    await this.#persistently(
      async () =>
        await this.#steps.rewindFiles(sandbox, this.#lease.sessionId, {
          what,
          checkpointId: undoId,
          baseId: checkpointId,
          safetyId: checkpointId,
          overwrite: ["/"],
          keep: [],
        }),
    ).catch((error: unknown) => {
      // Without it nothing was changed.
      if (!(error instanceof CheckpointGone)) throw error;
    });
  }

  async #fail(
    error: string,
    { paths = [], restart = false }: { paths?: string[]; restart?: boolean } = {},
  ): Promise<false> {
    await this.#data.mutation(api.sessionRewinds.fail, { ...this.#ofOrder, error, paths, restart });
    return false;
  }
}

/** What is gone back to is not to be had. */
const UNREADABLE = [CheckpointGone, Spoiled, CannotOpen];
/** What another try would find again. */
const FINAL = [...UNREADABLE, ProgramFailed];

/** What came of it could not be saved, so that it does not count. */
class NotSaved extends Error {}

function sentenceOf(error: unknown): string {
  if (error instanceof CheckpointGone) return GONE;
  if (error instanceof Spoiled || error instanceof CannotOpen) return SPOILED;
  return BROKE;
}
