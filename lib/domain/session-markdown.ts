/** A session as Markdown, for people to read: what was said, what was done, and who decided. Pure. */
import type { EventEnvelope, StudioEvent } from "./events.ts";

/** A text as it is, whatever runs of backticks it has. */
function block(text: string): string {
  const runs = Array.from(text.matchAll(/`+/g), ([run]) => run.length);
  const fence = "`".repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return `${fence}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}

/** The same within a line. */
function inline(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const runs = Array.from(line.matchAll(/`+/g), ([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const edge = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${edge}${line}${edge}${fence}`;
}

const quoted = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");

const DECISIONS = {
  approved: "Approved",
  denied: "Denied",
  bypassed: "Ran before anyone had decided",
} as const;

function partsOf(event: StudioEvent): string[] {
  switch (event.type) {
    case "message.user":
      return [`## ${inline(event.payload.user_name ?? "User")}`, quoted(event.payload.content)];
    case "message.assistant":
      return [
        `## Agent (${inline(event.payload.model)})`,
        event.payload.content,
        event.payload.truncated ? "*Only its beginning is here.*" : "",
      ];
    case "tool.completed": {
      const { title, tool_name: tool, output, exit_code: code, truncated } = event.payload;
      const ended = code === undefined || code === 0 ? "" : `*It ended with ${code}.*`;
      const cut = truncated ? "*Only the beginning of what it printed is here.*" : "";
      return [`### ${inline(title || tool)}`, output === "" ? "" : block(output), ended, cut];
    }
    case "tool.error":
      return [`### ${inline(event.payload.tool_name)}`, "*It failed:*", block(event.payload.error)];
    case "approval.requested":
      return [`*Asked:* ${inline(event.payload.summary)}`];
    case "approval.decided": {
      const { decision, decided_by: who, message } = event.payload;
      const by = who === undefined ? "" : ` by ${who}`;
      return [`*${DECISIONS[decision]}${by}.*`, message === undefined ? "" : quoted(message)];
    }
    case "run.failed":
      return ["*The run failed:*", block(event.payload.error)];
    case "run.cancelled":
      return ["*The run was stopped.*"];
    default:
      return [];
  }
}

/** What Markdown says of an event; empty where it is none that people read. */
export function eventMarkdown(event: EventEnvelope): string {
  const parts = partsOf(event as StudioEvent).filter((part) => part !== "");
  return parts.map((part) => `${part}\n\n`).join("");
}

/** The head of a session's Markdown: its title, and facts as a list. */
export function headMarkdown(
  title: string,
  facts: readonly (readonly [name: string, value: string])[],
): string {
  const line = title.replaceAll(/\s+/g, " ").trim();
  const list = facts.map(([name, value]) => `- ${name}: ${inline(value)}\n`).join("");
  return `# ${line === "" ? "Session" : line}\n\n${list}\n`;
}
