/** This folder talks to agents: OpenCode over ACP, through the bridge in a sandbox; what it says becomes events here. */

import { readText } from "#net/body.ts";
import { eventsOf } from "#net/event-stream.ts";
import { Pace } from "#net/pace.ts";
import { AgentServerError, type AgentPlace, bridgeError, bridgeFetch } from "./bridge.ts";
import { type RpcMessage, rpcMessage } from "./wire.ts";

/** The agent's server sends a heartbeat every 15 s: a stream with nothing for so long is no longer connected. */
const STREAM_SILENT_MS = 40_000;

/** One message of the agent, and one answer of its server, may have as much; its sandbox may send anything. */
const MAX_MESSAGE_CHARACTERS = 4_000_000;
/** An agent writes some thousand bytes a second; after a break, what has gathered meanwhile comes at once. */
const STREAM_PACE = { bytesPerSecond: 4_000_000, burstBytes: 32_000_000 };

/** No agent knows this method, so each answers it with an error, in order. */
const UNKNOWN_METHOD = "_studio/mark";

/** One message of the agent's stream, with its place in it. */
export interface StreamEntry {
  id: number;
  message: RpcMessage;
}

/** The agent's own word that it does not do something. */
export class AgentRefused extends Error {}

/**
 * A thin client of one ACP connection over the bridge in a sandbox (`/v1/acp/{server}`).
 * JSON-RPC ids are UUIDs: two clients with the same id would hang.
 */
export class AcpClient {
  readonly #place: AgentPlace;
  readonly #path: string;

  constructor(place: AgentPlace) {
    this.#place = place;
    this.#path = `/v1/acp/${place.acpServerId}`;
  }

  /** True where the agent server answers within `timeoutMs`. */
  async healthy(timeoutMs: number): Promise<boolean> {
    return (await this.state(timeoutMs)) === "well";
  }

  /**
   * Whether the agent server answers; where it does not, whether that is known to be its own fault: one that says
   * nothing in time is as good as ended, and where there is no way to it, nobody knows.
   */
  async state(timeoutMs: number): Promise<"well" | "ended" | "unreachable"> {
    try {
      const response = await bridgeFetch(this.#place, "/v1/health", {
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      return response.ok ? "well" : "ended";
    } catch (error) {
      if (error instanceof AgentServerError) return "ended";
      return (error as Error).name === "TimeoutError" ? "ended" : "unreachable";
    }
  }

  /**
   * Posts one message. @returns the body, which holds the result of a short call.
   * @throws AgentServerError where it is refused, or the agent behind it has gone
   * @throws TooLarge where the answer is longer than an agent's can be
   */
  async post(
    message: object,
    options: { signal?: AbortSignal; first?: boolean } = {},
  ): Promise<RpcMessage | null> {
    const path = options.first ? `${this.#path}?agent=opencode` : this.#path;
    const response = await bridgeFetch(this.#place, path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
      ...(options.signal && { signal: options.signal }),
    });
    if (!response.ok) throw await bridgeError(response);
    const text = await readText(response, MAX_MESSAGE_CHARACTERS);
    return text ? rpcMessage.parse(JSON.parse(text)) : null;
  }

  /** A short call with its result. @throws AgentServerError | AgentRefused */
  async call(
    method: string,
    params: object,
    options: { timeoutMs: number; first?: boolean },
  ): Promise<unknown> {
    const answer = await this.post(
      { id: crypto.randomUUID(), method, params },
      { signal: AbortSignal.timeout(options.timeoutMs), ...(options.first && { first: true }) },
    );
    if (answer?.error) throw new AgentRefused(`The agent refused ${method}: ${answer.error.message}`);
    return answer?.result;
  }

  /** False where the agent itself, not only its server, gives no answer in time to a call that none of them knows. */
  async answers(timeoutMs: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await this.post({ id: crypto.randomUUID(), method: UNKNOWN_METHOD }, { signal });
      return true;
    } catch (error) {
      // Whether there is a way to it is found out elsewhere.
      return (error as Error).name !== "TimeoutError";
    }
  }

  /**
   * Everything that the agent has said until now, with the place in its stream behind that: a call is made whose
   * answer marks it.
   * @throws Error where the mark does not come in time
   */
  async untilNow(timeoutMs: number): Promise<{ messages: RpcMessage[]; cursor: number }> {
    const signal = AbortSignal.timeout(timeoutMs);
    const mark = crypto.randomUUID();
    await this.post({ id: mark, method: UNKNOWN_METHOD }, { signal });
    const messages: RpcMessage[] = [];
    for await (const { id, message } of this.stream(null, signal)) {
      if (message.id === mark) return { messages, cursor: id };
      messages.push(message);
    }
    throw new Error("The agent's stream ended before its mark.");
  }

  /**
   * The agent's stream from behind `after`. Ends where the connection does; the caller connects again.
   * @param opened is called once the connection stands, which may be long before anything comes
   * @throws AgentServerError where the stream is refused
   * @throws Error where nothing comes for 40 s, not even a heartbeat
   * @throws TooLarge where one message is longer than an agent's can be
   */
  async *stream(after: number | null, signal: AbortSignal, opened?: () => void): AsyncGenerator<StreamEntry> {
    const silent = new AbortController();
    const timer = setTimeout(
      () => silent.abort(new Error("the agent's stream gave no sign of life")),
      STREAM_SILENT_MS,
    );
    try {
      const response = await bridgeFetch(this.#place, this.#path, {
        headers: { accept: "text/event-stream", ...(after !== null && { "last-event-id": String(after) }) },
        signal: AbortSignal.any([signal, silent.signal]),
      });
      if (!response.ok || !response.body) throw await bridgeError(response);
      opened?.();
      for await (const entry of eventsOf(response.body, {
        maxEventCharacters: MAX_MESSAGE_CHARACTERS,
        onPiece: () => timer.refresh(),
        pace: new Pace(STREAM_PACE),
      })) {
        if (entry.id === undefined) continue;
        const parsed = rpcMessage.safeParse(JSON.parse(entry.data));
        if (parsed.success) yield { id: Number(entry.id), message: parsed.data };
        timer.refresh();
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
