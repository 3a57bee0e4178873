import type { EventEnvelope } from "#domain/events.ts";
import { warningWords } from "#domain/monthly-limits.ts";
import { plural } from "#domain/plural.ts";

const LONGEST = 200;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** An event in one line of words; empty where its type says it all. */
export function lineOf({ type, payload: p }: Pick<EventEnvelope, "type" | "payload">): string {
  const words = wordsOf(type, p).replaceAll(/\s+/g, " ").trim();
  return words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words;
}

function wordsOf(type: string, p: Record<string, unknown>): string {
  switch (type) {
    case "session.status":
      return [text(p.status), p.waiting_for ? `waiting for ${text(p.waiting_for)}` : "", text(p.error)]
        .filter(Boolean)
        .join(", ");
    case "provision.step":
      return `${text(p.label)}: ${text(p.status)} ${text(p.error)}`;
    case "setup.output":
    case "llm.response.chunk":
    case "llm.thinking.chunk":
    case "tool.output.chunk":
      return text(p.delta);
    case "tool.requested":
    case "tool.started":
    case "tool.completed":
      return `${text(p.tool_name)} ${text(p.title)}`;
    case "command.started":
      return `${text(p.run_by)} runs ${text(p.command)}`;
    case "command.ended":
      return `${text(p.command)}: ${p.timed_out === true ? "timed out" : typeof p.exit_code === "number" ? `exit ${p.exit_code}` : "ended"}`;
    case "approval.requested":
      return text(p.summary);
    case "approval.decided":
      return `${text(p.decision)} by ${text(p.decided_by) || text(p.reason)}`;
    case "usage.recorded":
      return `${text(p.model)}: ${Number(p.input_tokens)} in, ${Number(p.output_tokens)} out`;
    case "llm.request.started":
      return `${text(p.model)}: about ${Number(p.input_tokens)} in`;
    case "llm.routed":
      return `${text(p.chosen_model)}: ${text(p.reason)}`;
    case "budget.warning":
      return warningWords(Number(p.threshold_percent), text(p.scope));
    case "plan.updated": {
      const count = Array.isArray(p.entries) ? p.entries.length : 0;
      return `${count} ${plural(count, "step", "steps")}`;
    }
    default: {
      const said = ["title", "content", "input", "output", "error", "message", "reason", "path"].map((key) =>
        text(p[key]),
      );
      return said.find((value) => value !== "") ?? "";
    }
  }
}
