import type { StreamEntry } from "../agent/client.ts";
import { pathsAsked } from "../agent/changes.ts";
import { translationContext } from "../agent/context.ts";
import { endOfTurn, fromAcp } from "../agent/from-acp.ts";
import { type AgentEvent, type Translation, EMPTY_TRANSLATION } from "../agent/translation.ts";
import { type HeldBack, heldBackOf, resumeTranslation, type StoredEvent } from "../agent/resume.ts";
import { asksClient } from "../agent/wire.ts";
import type { AgentConnection } from "./agent-connection.ts";
import type { AgentPoster } from "./agent-poster.ts";
import { AgentLost, endingOf } from "./endings.ts";
import type { EventBuffer } from "./event-buffer.ts";
import type { Look } from "./file-look.ts";
import type { Run, RunTracker } from "./run-tracker.ts";

const METHOD_NOT_FOUND = { code: -32601, message: "Method not found" };

interface Listener {
  /** @param now by the monotonic clock, in milliseconds */
  events(events: readonly AgentEvent[], now: number): void;
}

interface Options {
  models: AgentConnection["models"];
  runs: Pick<RunTracker, "current" | "end" | "isAnsweredBy">;
  buffer: Pick<EventBuffer, "add" | "flush">;
  poster: Pick<AgentPoster, "post">;
  /** Looks at files before people are asked about them. */
  look: Look;
  /** A run has ended, and the log has it. @param acted whether the agent has used a tool in it, as far as is known */
  onEnded: (runId: Run["id"], acted: boolean) => void;
  /** Those who hear what the agent says: nothing, at times, that is for a person. */
  listeners: readonly Listener[];
}

/** Turns what the agent says into events of its run, and its answer to the prompt into the run's end. */
export class AgentRecorder {
  readonly #options: Options;
  #state: Translation = EMPTY_TRANSLATION;
  #acted = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Goes on with a run of which this much is logged, and with what was held back then. */
  resume(logged: readonly StoredEvent[], held: HeldBack | undefined): void {
    this.#state = resumeTranslation(logged, held);
    this.#acted = true;
  }

  /**
   * Takes the next message of the agent's stream.
   * @throws AgentLost where it says that the agent has ended
   * @throws what an earlier write of the log threw
   */
  async take({ id, message }: StreamEntry): Promise<void> {
    const { models, runs, buffer, poster, look, listeners } = this.#options;
    if (message.method === "_adapter/agent_exited") throw new AgentLost("agent_exited");
    if (asksClient(message)) {
      // The agent asks for a client's ability that was not offered; an answer keeps it from waiting.
      poster.post({ id: message.id, error: METHOD_NOT_FOUND });
      return buffer.add([], id, heldBackOf(this.#state));
    }
    if (runs.isAnsweredBy(message)) return await this.#endRun(message, id);
    const paths = pathsAsked(message);
    const looks = paths.length > 0 && { looks: await look(paths) };
    const { state, events } = fromAcp(this.#state, message, { ...translationContext(models), ...looks });
    this.#state = state;
    this.#acted ||= events.some(({ type }) => type.startsWith("tool."));
    for (const listener of listeners) listener.events(events, performance.now());
    const runId = runs.current?.id;
    // Between runs the agent repeats itself at times; only what belongs to a run is kept.
    buffer.add(runId ? events.map((event) => ({ ...event, runId })) : [], id, heldBackOf(state));
  }

  async #endRun(message: StreamEntry["message"], cursor: number): Promise<void> {
    const { models, runs, buffer } = this.#options;
    const run = runs.end();
    if (!run) return;
    const { events, answer, state } = endOfTurn(this.#state, translationContext(models));
    this.#state = { ...state, answer: "" };
    buffer.add(
      events.map((event) => ({ ...event, runId: run.id })),
      cursor,
    );
    await buffer.flush({ runId: run.id, ending: endingOf(message, answer) });
    this.#options.onEnded(run.id, this.#acted);
    this.#acted = false;
  }
}
