import type { FunctionReturnType } from "convex/server";
import type { Sandbox } from "e2b";
import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { handOverMessage } from "#domain/findings.ts";
import { GREEN_TIMES, greenCommitMessage, type GreenEnd, stepAfter } from "#domain/green.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { dataFor, serviceData } from "../convex/client.ts";
import { findingsNow, masked } from "../git/findings.ts";
import { commitIn, inRepository, pushFrom, type WorkingIn } from "../git/working-tree.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { maskerOf } from "../keys/variables.ts";

type PursuitId = Id<"greenPursuits">;
type Claimed = NonNullable<FunctionReturnType<typeof api.greenWork.claim>>;

/** Pursuits that one server works on at the same time: each may push for minutes. */
const AT_ONCE = 4;
const RENEW_MS = GREEN_TIMES.claimMs / 3;

/**
 * Brings pull requests to green: looks at what their hosts say, gives the agent what was found, and commits and pushes
 * what that has changed. Each step begins with a claim, and the next one begins from rows alone.
 */
export class GreenKeeper {
  readonly #signal: AbortSignal;
  readonly #wake: (sessionId: Id<"sandboxSessions">) => void;
  readonly #working = new Map<PursuitId, Promise<void>>();

  /** @param wake carries a session that has a message now */
  constructor(signal: AbortSignal, wake: (sessionId: Id<"sandboxSessions">) => void) {
    this.#signal = signal;
    this.#wake = wake;
  }

  /** Does the next step of a pursuit, unless this server is at it, or at enough of them. */
  start(pursuitId: PursuitId): void {
    if (this.#signal.aborted || this.#working.has(pursuitId) || this.#working.size >= AT_ONCE) return;
    const work = this.#step(pursuitId)
      .catch((error: unknown) =>
        log("warn", "a pull request was not brought further", { pursuitId, error: messageOf(error) }),
      )
      .finally(() => this.#working.delete(pursuitId));
    this.#working.set(pursuitId, work);
  }

  /** Settles once none is at work. */
  async ended(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  async #step(pursuitId: PursuitId): Promise<void> {
    const claimed = await serviceData().mutation(api.greenWork.claim, { pursuitId });
    if (!claimed) return;
    const mine = { pursuitId, claim: claimed.claim };
    const renewing = setInterval(() => {
      serviceData()
        .mutation(api.greenWork.renew, mine)
        .catch((error: unknown) =>
          log("info", "a claim was not renewed", { pursuitId, error: messageOf(error) }),
        );
    }, RENEW_MS);
    try {
      const { phase, run } = claimed;
      if (phase === "looking") return await this.#look(mine, claimed);
      if (phase === "working" && (run?.status === "pending" || run?.status === "running"))
        return await later(mine, GREEN_TIMES.slowMs);
      if (phase === "working" && run?.status !== "completed")
        return await (run?.status === "cancelled"
          ? end(mine, "run_stopped")
          : end(mine, "run_failed", run?.error ?? ""));
      // Another run may be in the middle of a change.
      if (claimed.busy) return await later(mine, GREEN_TIMES.busyMs);
      if (phase === "working" && !(await serviceData().mutation(api.greenWork.leave, mine))) return;
      await leave(mine, claimed);
    } finally {
      clearInterval(renewing);
    }
  }

  async #look(mine: Mine, claimed: Claimed): Promise<void> {
    const { person, sessionId, folder, connection, repository, pullRequest, handed, pushed } = claimed;
    const { organizationId } = person;
    let found: Awaited<ReturnType<typeof findingsNow>>;
    try {
      // Somebody waits for it: the session is not idle meanwhile.
      await workingIn(claimed).open();
      const looked = { organizationId, sessionId, folder, connection, repository, pullRequest };
      found = await findingsNow(looked);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return await later(mine, GREEN_TIMES.lookMs, error.message);
    }
    const left = found.findings.filter(({ kind, key }) => kind === "check" || !handed.includes(key));
    const step = stepAfter(
      {
        state: found.pullRequest.state,
        checks: found.checks.state,
        running: found.running,
        head: found.head,
        findings: left.length,
      },
      { pushed: pushed ?? undefined, sinceMs: Date.now() - claimed.lookingSince },
    );
    if (step === "wait") return await later(mine, GREEN_TIMES.lookMs);
    if (step !== "attempt") return await end(mine, step);
    if (claimed.busy) return await later(mine, GREEN_TIMES.busyMs);
    const begun = await serviceData().mutation(api.greenWork.attempt, {
      ...mine,
      head: found.head,
      message: handOverMessage(masked(left, await maskerOf(sessionId)), {
        address: pullRequest.url,
        folder,
        leaving: "studio",
      }),
      found: left.length,
      comments: left.filter(({ kind }) => kind === "comment").map(({ key }) => key),
    });
    if (begun) this.#wake(sessionId);
  }
}

interface Mine {
  pursuitId: PursuitId;
  claim: number;
}

const later = async (mine: Mine, afterMs: number, problem?: string) => {
  const given = { ...mine, afterMs, ...(problem !== undefined && { problem }) };
  await serviceData().mutation(api.greenWork.later, given);
};
const end = async (mine: Mine, reason: GreenEnd, detail?: string) => {
  await serviceData().mutation(api.greenWork.end, { ...mine, reason, ...(detail && { detail }) });
};

/** The session's sandbox, as the person who has started this drives it. */
function workingIn({ person, sessionId }: Claimed): WorkingIn {
  const caller = { kind: "member" as const, ...person };
  const open = async (): Promise<Sandbox> => {
    const kept = await dataFor(caller).mutation(api.sandboxSessions.keepalive, { sessionId });
    if (kept.sandboxId === null) throw refuse("session_not_ready");
    return await openSandbox(kept.sandboxId, kept.idleTimeoutMs + DEADLINES.sandboxGraceMs);
  };
  return { caller, sessionId, open };
}

const headSchema = z.object({ head: z.string().max(64).nullable() });

/** Commits and pushes what an attempt has changed. Done again after a crash, it goes on with what is there. */
async function leave(mine: Mine, claimed: Claimed): Promise<void> {
  const { folder, attempts, head: before, sessionId } = claimed;
  const place = workingIn(claimed);
  try {
    await commitIn(place, { folder, message: greenCommitMessage(attempts) });
    const { head } = await inRepository(await place.open(), "status", { folder, base: "HEAD" }, headSchema);
    const isSame = head === null || (before !== null && before !== "" && head.startsWith(before));
    const commit = isSame ? null : (await pushFrom(place, folder)).commit;
    await serviceData().mutation(api.greenWork.left, { ...mine, commit });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    await end(mine, "push_failed", (await maskerOf(sessionId)).mask(error.message));
  }
}
