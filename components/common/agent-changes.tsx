"use client";

import { useMemo } from "react";
import { TOOLS_LABELS } from "#client/agent-labels.ts";
import type { AgentChange } from "#domain/agent-versions.ts";
import type { ToolsMode } from "#domain/agents.ts";
import { DiffView } from "../session/diff-view.tsx";
import { Fact, Facts } from "../ui/facts.tsx";

const NAMES: Readonly<Record<string, string>> = {
  name: "Name",
  description: "Description",
  provider: "Provider",
  model: "Model",
  system_prompt: "Instructions",
  temperature: "Temperature",
  max_tokens: "Output limit",
  tools_mode: "Tools",
  mcp_servers: "MCP servers",
  skills: "Skills",
  variables: "Variables",
  repository: "Starts from",
};

/** What a field of an agent's is called. */
export const agentFieldName = (field: string): string => NAMES[field] ?? field;

function shown(field: string, value: AgentChange["before"]): string {
  if (value === null) return field === "repository" ? "none" : "all";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (field === "tools_mode") return TOOLS_LABELS[value as ToolsMode].name;
  if (typeof value === "object")
    return `${value.connection}: ${value.url}${value.ref === null ? "" : `, ${value.ref}`}`;
  return value === "" ? "empty" : String(value);
}

/** The instructions, line by line. */
function Instructions({ before, after }: { before: string; after: string }) {
  const diff = useMemo(() => ({ path: "instructions", old_text: before, new_text: after }), [before, after]);
  return <DiffView diff={diff} className="max-h-60 rounded-sm border border-line" />;
}

/** What is different between two versions of an agent. */
export function AgentChanges({ changes }: { changes: readonly AgentChange[] }) {
  return (
    <div className="grid gap-2">
      <Facts>
        {changes
          .filter(({ field }) => field !== "system_prompt")
          .map(({ field, before, after }) => (
            <Fact key={field} name={agentFieldName(field)}>
              <del className="text-ink-3">{shown(field, before)}</del> <span aria-hidden="true">→</span>{" "}
              <ins className="no-underline">{shown(field, after)}</ins>
            </Fact>
          ))}
      </Facts>
      {changes.map(
        ({ field, before, after }) =>
          field === "system_prompt" &&
          typeof before === "string" &&
          typeof after === "string" && <Instructions key={field} before={before} after={after} />,
      )}
    </div>
  );
}
