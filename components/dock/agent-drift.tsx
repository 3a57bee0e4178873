"use client";

import Link from "next/link";
import { type AgentDrift, useAgentDrift } from "#client/live-agents.ts";
import { AgentChanges } from "../common/agent-changes.tsx";
import { useBranching } from "../session/branching.tsx";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";

/** Which version of its agent the session has, and how far that is from what the agent is now. */
export function AgentVersion() {
  const { session } = useOpened();
  const drift = useAgentDrift(session.id);
  return drift ? <Drift drift={drift} /> : null;
}

function versions({ revision, newest, changes }: AgentDrift): string {
  const own = revision === null ? "An earlier version" : `Version ${revision}`;
  if (newest === null) return `${own}; the agent was deleted since`;
  if (changes.length === 0)
    return revision === newest.revision ? `${own}, current` : `${own}, same as the current one`;
  return `${own}; version ${newest.revision} is current`;
}

function Drift({ drift }: { drift: AgentDrift }) {
  const { session } = useOpened();
  const branching = useBranching();
  const { agentId, name, newest, changes } = drift;
  const now = (field: "provider" | "model") => {
    const after = changes.find((change) => change.field === field)?.after;
    return typeof after === "string" ? after : session[field];
  };
  return (
    <section aria-label="Agent" className="mb-3 grid gap-2" data-testid="agent-drift">
      <p className="text-small">
        {newest === null ? (
          <span className="font-medium">{name}</span>
        ) : (
          <Link className="link font-medium" href={`/settings/agents/${agentId}`}>
            {name}
          </Link>
        )}{" "}
        <span className="text-ink-2">{versions(drift)}</span>
      </p>
      {changes.length > 0 && (
        <>
          <details>
            <summary className="w-fit cursor-pointer text-small text-ink-2">What is different now</summary>
            <div className="mt-2">
              <AgentChanges changes={changes} />
            </div>
          </details>
          {branching && (
            <Button
              size="sm"
              className="justify-self-start"
              onClick={() => branching.toNewestAgent({ provider: now("provider"), model: now("model") })}
            >
              Restart on the newest
            </Button>
          )}
        </>
      )}
    </section>
  );
}
