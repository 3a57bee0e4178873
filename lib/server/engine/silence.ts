import type { BridgeEvent } from "../acp/from-acp.ts";

/**
 * Keeps since when nothing was heard of an agent, and which of its tools are at work. Times are milliseconds of one
 * clock that does not jump, as `performance.now()` gives them.
 */
export class Silence {
  #heardAt: number;
  readonly #limitMs: number;
  readonly #tools = new Set<string>();

  /** @param limitMs how long an agent at work may say nothing, while neither a tool nor a model call of its own is under way */
  constructor(limitMs: number, now: number) {
    this.#limitMs = limitMs;
    this.#heardAt = now;
  }

  /** Something was heard, or somebody else is at work. */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** Takes what the agent said. */
  events(events: readonly BridgeEvent[], now: number): void {
    this.heard(now);
    for (const event of events)
      if (event.type === "tool.requested") this.#tools.add(event.payload.tool_call_id);
      else if (event.type === "tool.completed" || event.type === "tool.error")
        this.#tools.delete(event.payload.tool_call_id);
  }

  /** Tools that were at work before anything was heard here. */
  atWork(tools: readonly string[]): void {
    for (const id of tools) this.#tools.add(id);
  }

  /** True where nothing was heard for long, and no tool is at work that would explain it. */
  isLong(now: number): boolean {
    return this.#tools.size === 0 && now - this.#heardAt > this.#limitMs;
  }
}
