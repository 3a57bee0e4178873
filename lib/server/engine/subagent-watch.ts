import { absolute } from "../agent/changes.ts";
import { translationContext } from "../agent/context.ts";
import type { AgentEvent } from "../agent/translation.ts";
import { questionEvent, waitingQuestions } from "../agent/questions.ts";
import { subagentApproval, subagentChanges, subagentQuestions } from "../agent/subagents.ts";
import { log, messageOf } from "../log.ts";
import type { AgentPlace } from "../agent/bridge.ts";
import type { Look } from "./file-look.ts";

const POLL_MS = 500;
/** A sandbox whose agent has no server of its own is asked this often and no more. */
const MAX_FAILURES = 20;

interface WatchOptions {
  place: AgentPlace;
  /** The agent's own session, whose questions come by ACP. */
  agentSessionId: string;
  models: Parameters<typeof translationContext>[0];
  /** Looks at files before people are asked about them. */
  look: Look;
  tell: (event: AgentEvent) => void;
}

/** The tools during which something may be asked that does not come by ACP. */
const ASKING = new Set(["task", "question"]);

/** Looks for what subagents ask, and what the agent asks of a person, as long as either may be; tells each once. */
export class SubagentWatch {
  readonly #asked = new Set<string>();
  readonly #open = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  readonly #options: WatchOptions;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Takes what the agent said: a call that begins or ends. */
  events(events: readonly AgentEvent[]): void {
    for (const event of events)
      if (event.type === "tool.requested" && ASKING.has(event.payload.tool_name))
        this.#open.add(event.payload.tool_call_id);
      else if (event.type === "tool.completed" || event.type === "tool.error")
        this.#open.delete(event.payload.tool_call_id);
    if (this.#open.size > 0) this.start();
    else this.stop();
  }

  /** Looks from now on. */
  start(): void {
    this.#timer ??= setTimeout(() => void this.#look(), 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const { place, agentSessionId, models, look, tell } = this.#options;
    try {
      for (const question of await subagentQuestions(place, agentSessionId)) {
        if (this.#asked.has(question.id)) continue;
        const paths = absolute(subagentChanges(question));
        const looks = paths.length > 0 && { looks: await look(paths) };
        this.#asked.add(question.id);
        tell(subagentApproval(question, { ...translationContext(models), ...looks }));
      }
      for (const question of await waitingQuestions(place)) {
        if (this.#asked.has(question.id)) continue;
        this.#asked.add(question.id);
        tell(questionEvent(question, translationContext(models)));
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1 || this.#failures === MAX_FAILURES)
        log("warn", "a session's agent could not be asked what it waits for", {
          sessionId: place.sessionId,
          error: messageOf(error),
        });
    }
    if (this.#timer === undefined || this.#failures >= MAX_FAILURES) return;
    this.#timer = setTimeout(() => void this.#look(), POLL_MS);
    this.#timer.unref();
  }
}
