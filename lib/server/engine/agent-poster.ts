import { AgentServerError } from "../agent/bridge.ts";
import type { AcpClient } from "../agent/client.ts";
import { pauseFor } from "../../net/retry.ts";
import { transportKindOf } from "../../net/transport.ts";
import { traced } from "../telemetry/telemetry.ts";
import { log, messageOf } from "../log.ts";

/** How often a message is posted whose connection breaks, to an agent that is there. */
const TRIES = 5;
const AGAIN_MS = 500;

interface Options {
  sessionId: string;
  client: Pick<AcpClient, "post">;
  signal: AbortSignal;
  /** Why a message was not taken; the error itself where the agent is there all the same. */
  causeOf: (error: unknown) => Promise<unknown>;
  /** The agent does not take a message: the run cannot go on. */
  onLost: (cause: unknown) => Promise<void>;
  /** What was to be done after a message failed. */
  onFault: (error: unknown) => void;
}

/**
 * Posts messages to the agent without waiting for the turn's end. A connection that breaks says nothing of whether one
 * was taken: a prompt's is open for the whole turn, anything else is sent again.
 */
export class AgentPoster {
  readonly #options: Options;
  readonly #posts = new Set<Promise<void>>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** @param after is done once the agent has the message */
  post(message: object, after?: () => Promise<void>): void {
    const posted = this.#deliver(message, TRIES)
      .then(async (taken) => (taken ? await after?.() : undefined))
      .catch((error: unknown) => this.#options.onFault(error))
      .finally(() => this.#posts.delete(posted));
    this.#posts.add(posted);
  }

  /** Waits until every post is over. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#posts);
  }

  async #deliver(message: object, tries: number): Promise<boolean> {
    const { client, signal, causeOf, onLost, sessionId } = this.#options;
    try {
      await traced("agent.post", { kind: "client" }, async () => await client.post(message, { signal }));
      return true;
    } catch (error) {
      // The next server must not take it for answered.
      if (signal.aborted) return false;
      // A turn longer than the client's patience: its answer comes by the stream all the same.
      if (transportKindOf(error) === "silent") return true;
      const cause = await causeOf(error);
      const broken = cause === error && !(error instanceof AgentServerError) && tries > 1;
      if (!broken) {
        await onLost(cause);
        return false;
      }
      log("info", "a message's connection broke", { sessionId, error: messageOf(error) });
      // Should it not have arrived after all, the agent's silence shows it.
      if ("method" in message && message.method === "session/prompt") return true;
      await pauseFor(AGAIN_MS);
      return await this.#deliver(message, tries - 1);
    }
  }
}
