import { AgentServerError } from "../agent/bridge.ts";
import type { AcpClient, StreamEntry } from "../agent/client.ts";
import { pauseFor } from "../../net/retry.ts";
import { log, messageOf } from "../log.ts";
import { AgentLost, endsReading } from "./endings.ts";
import type { SandboxConnector } from "./sandbox-connector.ts";

const RECONNECT_MS = 250;

interface Options {
  sessionId: string;
  client: Pick<AcpClient, "stream">;
  connector: Pick<SandboxConnector, "markBroken" | "markReachable">;
  signal: AbortSignal;
  /** Takes one message. What it throws while `isBroken` ends the reading. */
  take: (entry: StreamEntry) => Promise<void>;
  /** True where nothing that is read can be stored. */
  isBroken: () => boolean;
  /** Throws where the sandbox or its agent is known to be lost. */
  throwIfLost: (brokenForMs: number) => Promise<void>;
}

/** Reads an agent's stream message by message, and connects again where it breaks. */
export class StreamReader {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Reads from behind `cursor` until the signal ends it.
   * @throws AgentLost where the agent has ended, or a part of its stream is lost
   * @throws SandboxGone where there is no way to it for long
   * @throws TooLarge where a message is longer than an agent's can be
   */
  async read(from: number | null): Promise<void> {
    const { sessionId, client, connector, signal, take, isBroken, throwIfLost } = this.#options;
    let cursor = from;
    while (!signal.aborted) {
      try {
        for await (const entry of client.stream(cursor, signal, () => connector.markReachable())) {
          // The agent's server keeps so many messages and no more; what fell out is in the agent's own history.
          if (cursor !== null && entry.id > cursor + 1) throw new AgentLost("stream_gap");
          cursor = entry.id;
          await take(entry);
        }
      } catch (error) {
        if (endsReading(error)) throw error;
        if (signal.aborted) return;
        if (isBroken()) throw error;
        log("info", "the agent's stream broke", { sessionId, error: messageOf(error) });
        // A server that was started again knows nothing of the connection.
        if (error instanceof AgentServerError && error.status === 404) throw new AgentLost("agent_exited");
      }
      if (signal.aborted) return;
      await throwIfLost(connector.markBroken());
      // `throwIfLost` is the deadline.
      await pauseFor(RECONNECT_MS);
    }
  }
}
