import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { PROVISION_STEPS, type ProvisionStepId } from "#domain/lifecycle.ts";
import { AgentServerError } from "../agent/bridge.ts";
import { serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { isSandboxUnreachable, tellingBreaks } from "../sandbox/unreachable.ts";
import { messageOf } from "../log.ts";
import { isFull, isGone } from "../sandbox/sandbox.ts";
import { SetupFailed } from "./setup-run.ts";

/** Why a session could not be made, in a sentence for the person who asked for it. */
export class ProvisionFailure extends Error {
  /** Something on the way broke, which the next try may find mended. */
  readonly passing: boolean;

  constructor(message: string, options: { passing: boolean } = { passing: false }) {
    super(message);
    this.name = "ProvisionFailure";
    this.passing = options.passing;
  }
}

/** The sandbox service takes no more sandboxes for now. */
export class ServiceFull extends Error {
  constructor() {
    super("The sandbox service has no room for one more sandbox now.");
    this.name = "ServiceFull";
  }
}

type Cause = "sandbox" | "project-pull" | "agent-start" | "setup";

/** Reports the steps of a creation as events, in the order in which they were reported. */
export class StepReporter {
  readonly #sessionId: Id<"sandboxSessions">;
  readonly #generation: number;
  readonly #createdAt: number;
  #over = false;
  #last: Promise<unknown> = Promise.resolve();
  /** Steps that are under way at once, and what each has the session wait for. */
  readonly #open = new Map<ProvisionStepId, Cause>();

  constructor(sessionId: Id<"sandboxSessions">, generation: number, createdAt: number) {
    this.#sessionId = sessionId;
    this.#generation = generation;
    this.#createdAt = createdAt;
  }

  /** The try is over: what of it still goes on reports nothing more. */
  end(): void {
    this.#over = true;
  }

  async #report(
    step: ProvisionStepId,
    waitingFor: Cause,
    fields: {
      status: "started" | "completed" | "failed";
      duration_ms?: number;
      detail?: string;
      error?: string;
    },
  ): Promise<void> {
    if (this.#over) throw new ProvisionFailure("Another try has begun.");
    const index = PROVISION_STEPS.findIndex((s) => s.id === step);
    const label = PROVISION_STEPS[index]?.label ?? step;
    // Several may be under way: the first of them, in the order in which they are shown, is what is waited for.
    if (fields.status === "started") this.#open.set(step, waitingFor);
    else this.#open.delete(step);
    const first = PROVISION_STEPS.find(({ id }) => this.#open.has(id));
    const cause = (first && this.#open.get(first.id)) ?? waitingFor;
    const payload = JSON.stringify({ step, index, total: PROVISION_STEPS.length, label, ...fields });
    const send = this.#last.then(
      async () =>
        await serviceData().mutation(api.events.provisionStep, {
          sessionId: this.#sessionId,
          generation: this.#generation,
          payload,
          waitingFor: cause,
        }),
    );
    this.#last = send.catch(() => undefined);
    const { live } = await send;
    if (!live) throw new ProvisionFailure("The session was ended while it was being created.");
  }

  /** A step that the request itself has done already. */
  async passed(step: ProvisionStepId, detail?: string): Promise<void> {
    const duration_ms = Math.max(0, Math.round(Date.now() - this.#createdAt));
    await this.#report(step, "sandbox", { status: "completed", duration_ms, ...(detail && { detail }) });
  }

  /**
   * Does a step, and reports its start and its end. Reporting does not hold the work up.
   * @param detailOf what else is said of its end
   */
  async during<T>(
    step: ProvisionStepId,
    waitingFor: Cause,
    work: () => Promise<T>,
    detailOf?: (result: T) => string | undefined,
  ): Promise<T> {
    const started = performance.now();
    const announced = this.#report(step, waitingFor, { status: "started" });
    try {
      const [result] = await Promise.all([tellingBreaks(work), announced]);
      const detail = detailOf?.(result);
      await this.#report(step, waitingFor, {
        status: "completed",
        duration_ms: Math.round(performance.now() - started),
        ...(detail !== undefined && { detail }),
      });
      return result;
    } catch (error) {
      await this.#report(step, waitingFor, {
        status: "failed",
        duration_ms: Math.round(performance.now() - started),
        error: messageOf(error),
      }).catch(() => undefined);
      throw failureOf(step, error);
    }
  }
}

/** The step's failure as a sentence; what Studio's own data refuses stays what it is. */
function failureOf(step: ProvisionStepId, error: unknown): unknown {
  if (error instanceof ProvisionFailure || error instanceof SetupFailed || refusalOf(error)) return error;
  if (step === "sandbox" && isFull(error)) return new ServiceFull();
  const label = PROVISION_STEPS.find((s) => s.id === step)?.label ?? step;
  const detail = messageOf(error);
  const gone = step !== "sandbox" && isGone(error);
  const refused = error instanceof AgentServerError && error.status >= 500;
  const broken = gone || refused || isSandboxUnreachable(error);
  const options = { passing: broken };
  if (step === "sandbox" && broken)
    return new ProvisionFailure(
      "The sandbox service isn't responding, so no sandbox was created. Nothing was spent. Try again in a moment.",
      options,
    );
  if (broken)
    return new ProvisionFailure(
      `“${label}” failed: the sandbox could not be reached (${detail}). Nothing was spent. Start a new session.`,
      options,
    );
  return new ProvisionFailure(`“${label}” failed: ${detail}`);
}
