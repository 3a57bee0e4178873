"use client";

import { useState } from "react";
import { type SessionMcpRow, useMcpChanges, useSessionMcp } from "#client/mcp.ts";
import { plural } from "#domain/plural.ts";
import { visible } from "#domain/visible.ts";
import { DiffView } from "../session/diff-view.tsx";
import { useOpened } from "../session/session-context.tsx";
import { Loading } from "../ui/loaded.tsx";
import { Chip } from "../ui/chip.tsx";

function stateOf({ state, connected }: SessionMcpRow): {
  name: string;
  tone: "success" | "warning" | "danger" | "neutral";
} {
  if (state === "gone") return { name: "Turned off since", tone: "warning" };
  if (connected === false) return { name: "Not available", tone: "danger" };
  if (state === "changed") return { name: "Changed since this session began", tone: "warning" };
  return connected === true
    ? { name: "Running", tone: "success" }
    : { name: "Not used yet", tone: "neutral" };
}

const PARTS = [
  ["added", "New"],
  ["changed", "Changed"],
  ["removed", "Gone"],
] as const;

/** What agents were told of a server's tools, and what they are told now. */
function Texts({ serverName }: { serverName: string }) {
  const { session } = useOpened();
  const changes = useMcpChanges(session.id, serverName);
  if (changes === undefined) return <Loading>Reading the difference</Loading>;
  if (changes === null) return <p className="text-ink-2">What the session got isn&apos;t kept any more.</p>;
  return (
    <ul className="grid gap-2">
      {changes.map(({ name, before, after }) => (
        <li key={name} className="grid gap-1">
          <span className="fact wrap-anywhere">{name}</span>
          <DiffView
            diff={{ path: name, old_text: visible(before ?? ""), new_text: visible(after ?? "") }}
            className="max-h-60 rounded-sm border border-line"
          />
        </li>
      ))}
    </ul>
  );
}

/** The texts of a difference, read once somebody wants to see them. */
function Difference({ serverName }: { serverName: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 cursor-pointer text-ink-2 touch:min-h-11">What is different</summary>
      {isOpen && <Texts serverName={serverName} />}
    </details>
  );
}

/** The MCP servers that the session's agent has, how they stand, and what was approved of them since. */
export function SessionMcp() {
  const { session } = useOpened();
  const servers = useSessionMcp(session.id) ?? [];
  if (servers.length === 0) return null;
  return (
    <section aria-labelledby="session-mcp" className="text-small lg:col-span-2">
      <h3 id="session-mcp" className="label mb-1">
        MCP servers
      </h3>
      <ul className="grid gap-2">
        {servers.map((server) => (
          <li key={server.name} className="grid gap-0.5">
            <span className="flex flex-wrap items-center gap-2">
              <span className="fact font-medium">{server.name}</span>
              <Chip tone={stateOf(server).tone}>{stateOf(server).name}</Chip>
              <span className="text-ink-2">
                {server.transport === "stdio" ? "in the sandbox" : "through Studio"},{" "}
                {server.toolNames.length} {plural(server.toolNames.length, "tool", "tools")}
              </span>
            </span>
            {server.changes &&
              PARTS.map(([part, label]) => {
                const names = server.changes?.[part] ?? [];
                return names.length === 0 ? null : (
                  <span key={part} className="wrap-anywhere text-ink-2">
                    {label}: <span className="fact">{names.join(", ")}</span>
                  </span>
                );
              })}
            {server.changes && <Difference serverName={server.name} />}
            <details>
              <summary className="min-h-6 cursor-pointer text-ink-2 touch:min-h-11">Tools</summary>
              <p className="fact wrap-anywhere">{server.toolNames.join(", ")}</p>
            </details>
          </li>
        ))}
      </ul>
      {servers.some(({ state }) => state === "changed") && (
        <p className="mt-1 text-ink-2">
          The agent learned its tools when it started. What was approved since reaches new sessions, and this
          one once its agent starts again.
        </p>
      )}
    </section>
  );
}
