import { log, messageOf } from "../log.ts";
import type { UsageMeter } from "./usage.ts";

/** After the agent has gone away, an answer is read on for this long at most. */
const DRAIN_MS = 15 * 60_000;

/**
 * The provider's answer, passed on as it comes, at the pace of the reader. It is read to its end even where the agent
 * goes away, since it costs all the same. `done` is called once, at the end; the stream ends after it.
 */
export function relay(
  body: ReadableStream<Uint8Array>,
  meter: UsageMeter,
  done: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let gone = false;
  let over = false;
  let drainTimer: NodeJS.Timeout | undefined;
  let wake = () => {};

  async function run(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    let failure: unknown;
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        meter.push(next.value);
        if (gone) continue;
        controller.enqueue(next.value);
        // The reader's pace is the provider's too; what is not asked for is not fetched.
        if ((controller.desiredSize ?? 0) <= 0) await new Promise<void>((resolve) => (wake = resolve));
      }
    } catch (error) {
      failure = error;
      log("warn", "a provider's answer broke off", { error: messageOf(error), clientGone: gone });
    }
    over = true;
    clearTimeout(drainTimer);
    await done().catch((error: unknown) =>
      log("error", "a model call was not recorded", { error: messageOf(error) }),
    );
    if (gone) return;
    if (failure === undefined) controller.close();
    else controller.error(failure);
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      run(controller).catch((error: unknown) =>
        log("error", "an answer was not passed on", { error: messageOf(error) }),
      );
    },
    pull() {
      wake();
    },
    cancel() {
      gone = true;
      if (over) return;
      drainTimer = setTimeout(() => {
        reader
          .cancel(new Error("the agent has gone away"))
          .catch((error: unknown) =>
            log("warn", "an answer could not be ended", { error: messageOf(error) }),
          );
      }, DRAIN_MS);
      wake();
    },
  });
}
