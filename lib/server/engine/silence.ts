import type { AgentEvent } from "../agent/translation.ts";
import { openCalls, type StoredEvent } from "../agent/resume.ts";

/** How soon an agent says something that was asked; a model call under way counts as well. */
const FIRST_WORD_MS = 20_000;

/**
 * Keeps since when nothing was heard of an agent, and which of its tools are at work. Times are milliseconds of one
 * clock that does not jump, as `performance.now()` gives them.
 */
export class Silence {
  /** Until the first word, where it is not known whether the agent was ever asked. */
  #untilFirstMs: number | null = null;
  #heardAt: number;
  readonly #limitMs: number;
  readonly #tools = new Set<string>();

  /** @param limitMs how long an agent at work may say nothing, while neither a tool nor a model call of its own is under way */
  constructor(limitMs: number, now: number) {
    this.#limitMs = limitMs;
    this.#heardAt = now;
  }

  /**
   * Goes on with a run of which this much is logged. Where the agent has said nothing yet, who was to ask it may have
   * ended before that: it is given less time for its first word.
   */
  resume(logged: readonly (StoredEvent & { source: string })[]): void {
    for (const id of openCalls(logged)) this.#tools.add(id);
    if (!logged.some(({ source }) => source.startsWith("agent.")))
      this.#untilFirstMs = Math.min(FIRST_WORD_MS, this.#limitMs);
  }

  /** Something was heard, or somebody else is at work. */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** Takes what the agent said. */
  events(events: readonly AgentEvent[], now: number): void {
    this.heard(now);
    if (events.length > 0) this.#untilFirstMs = null;
    for (const event of events)
      if (event.type === "tool.started" || event.type === "approval.requested")
        this.#tools.add(event.payload.tool_call_id);
      else if (event.type === "tool.completed" || event.type === "tool.error")
        this.#tools.delete(event.payload.tool_call_id);
  }

  /** A tool is at work, or about to be: it may say nothing for as long as it likes, but the agent itself answers. */
  get atWork(): boolean {
    return this.#tools.size > 0;
  }

  /** True where nothing was heard for long. */
  isLong(now: number): boolean {
    return now - this.#heardAt > (this.#untilFirstMs ?? this.#limitMs);
  }
}
