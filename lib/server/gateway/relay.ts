import { Pace } from "#net/pace.ts";
import { log, messageOf } from "../log.ts";
import type { UsageMeter } from "./usage.ts";

/** After the agent has gone away, an answer is read on for this long at most. */
const DRAIN_MS = 15 * 60_000;
/** No answer is as long as that, in bytes or in time: the longest that models make have some tens of megabytes. */
const MAX_BYTES = 256_000_000;
const MAX_MS = 60 * 60_000;
/** Fast models write a thousand tokens a second, of a hundred bytes each and more; whole answers come at once. */
const PACE = { bytesPerSecond: 150_000, burstBytes: 4_000_000 };
/** An agent that takes nothing for this long has gone away, though its connection says nothing of it. */
const STALL_MS = 60_000;

/** A provider that stops sending in the middle of its answer. */
export class ProviderSilent extends Error {}

/** An answer that went on for too long, in bytes or in time, or that nobody reads. */
export class AnswerEndless extends Error {}

interface RelayOptions {
  /** Aborts when the agent's connection ends: the web framework does not always cancel the stream then. */
  signal: AbortSignal;
  /** Called once, when the answer is over; the stream ends after it. `broken` says why it is not whole. */
  done: (broken: unknown, agentGone: boolean) => Promise<void>;
  /** What is to be added to an answer that has come to its end. */
  tail?: () => string | null;
  /** Changes what is passed on; what it holds back comes at the end. */
  mender?: { push: (bytes: Uint8Array) => Uint8Array; end: () => Uint8Array } | undefined;
  stallMs?: number;
  /** How long the provider may send nothing before its answer counts as broken off. */
  silenceMs: number;
  maxBytes?: number;
  maxMs?: number;
}

/**
 * The provider's answer, passed on as it comes, at the pace of the reader. It is read to its end even where the agent
 * goes away, since it costs all the same.
 */
export function relay(
  body: ReadableStream<Uint8Array>,
  meter: UsageMeter,
  {
    signal,
    done,
    tail,
    mender,
    stallMs = STALL_MS,
    silenceMs,
    maxBytes = MAX_BYTES,
    maxMs = MAX_MS,
  }: RelayOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let gone = false;
  let over = false;
  let cancelled = false;
  /** Why the answer was ended from here. */
  let cut: Error | undefined;
  let drainTimer: NodeJS.Timeout | undefined;
  let wake = () => {};

  function cutOff(reason: Error): void {
    cut ??= reason;
    wake();
    reader
      .cancel(reason)
      .catch((error: unknown) => log("warn", "an answer could not be ended", { error: messageOf(error) }));
  }

  function leave(): void {
    if (gone || over) return;
    gone = true;
    drainTimer = setTimeout(() => cutOff(new AnswerEndless("the agent has gone away")), DRAIN_MS);
    wake();
  }

  /** Waits until the agent has taken what it was given. */
  async function taken(): Promise<void> {
    const timer = setTimeout(leave, stallMs);
    await new Promise<void>((resolve) => (wake = resolve));
    clearTimeout(timer);
  }

  /** The next piece. @throws Error where none comes in time */
  async function next(): Promise<ReadableStreamReadResult<Uint8Array>> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ProviderSilent()), silenceMs);
    });
    try {
      return await Promise.race([reader.read(), silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function run(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    let failure: unknown;
    let size = 0;
    const pace = new Pace(PACE);
    const timer = setTimeout(() => cutOff(new AnswerEndless(`it took more than ${maxMs} ms`)), maxMs);
    try {
      for (let piece = await next(); !piece.done && !cut; piece = await next()) {
        size += piece.value.length;
        if (size > maxBytes) {
          cutOff(new AnswerEndless(`it has more than ${maxBytes} bytes`));
          break;
        }
        meter.push(piece.value);
        if (gone) {
          await pace.take(piece.value.length);
          continue;
        }
        const passed = mender ? mender.push(piece.value) : piece.value;
        if (passed.length > 0) controller.enqueue(passed);
        if ((controller.desiredSize ?? 0) <= 0) await taken();
        await pace.take(piece.value.length);
      }
      failure = cut;
    } catch (error) {
      failure = error;
      if (error instanceof ProviderSilent) reader.cancel(error).catch(() => undefined);
      log("warn", "a provider's answer broke off", { error: messageOf(error), agentGone: gone });
    }
    over = true;
    clearTimeout(timer);
    clearTimeout(drainTimer);
    signal.removeEventListener("abort", leave);
    const rest = gone ? undefined : mender?.end();
    if (rest && rest.length > 0) controller.enqueue(rest);
    const added = failure === undefined && !gone ? tail?.() : null;
    if (added) controller.enqueue(new TextEncoder().encode(added));
    await done(failure, gone).catch((error: unknown) =>
      log("error", "a model call was not recorded", { error: messageOf(error) }),
    );
    if (cancelled) return;
    if (gone) controller.error(new Error("the agent has gone away"));
    else if (failure === undefined) controller.close();
    else controller.error(failure);
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
      run(controller).catch((error: unknown) =>
        log("error", "an answer was not passed on", { error: messageOf(error) }),
      );
    },
    pull() {
      wake();
    },
    cancel() {
      cancelled = true;
      leave();
    },
  });
}
