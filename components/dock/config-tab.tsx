"use client";

import Link from "next/link";
import { readConfig, type SessionConfig } from "#client/sandbox.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { namesOf, Payer } from "../common/payer.tsx";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { AgentVersion } from "./agent-drift.tsx";
import { ProvenanceSection } from "./provenance.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";

/** What the session was made of, and where each value came from. */
export function ConfigTab() {
  const { session } = useOpened();
  const { view } = useSessionState();
  // Who pays, the cap and approving by itself can change while it is open.
  const state = [view.keySource, view.autoApprove, view.budgetCapMicroUsd].join();
  const config = useResource(["config", session.id, state], async () => await readConfig(session.id));
  return (
    <div className="grid gap-4 p-3 lg:grid-cols-2">
      <div className="min-w-0">
        <AgentVersion />
        <Chosen />
        <ProvenanceSection />
      </div>
      <section aria-label="Values and sources" className="min-w-0">
        <Loaded
          resource={config}
          loading={<Loading>Loading the configuration</Loading>}
          failed="Couldn't load the configuration"
        >
          {(summary) => <Sources summary={summary} />}
        </Loaded>
      </section>
    </div>
  );
}

interface Value {
  path: string;
  value: string;
  source: string;
}

const NAMES: Record<string, string> = {
  "models.planner": "Model that plans",
  "models.executor": "Model that works",
  "llm.payer": "Payer",
  "llm.temperature": "Temperature",
  "llm.max_tokens": "Output of a call",
  "limits.budget_cap_usd": "Spending cap",
  "limits.idle_timeout_ms": "Idle timeout",
  "limits.run_timeout_ms": "Run time",
  "limits.approval_timeout_ms": "Approvals wait",
  "limits.approval_timeout_action": "Then",
  "safety.tools_mode": "Tools",
  "safety.auto_approve": "Auto-approve",
};

/** A value as people read it; durations by the end of their name. */
function shownValue(path: string, value: unknown, duration: (ms: number) => string): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "On" : "Off";
  if (path.endsWith("_ms") && typeof value === "number") return duration(value);
  if (path.endsWith("_usd")) return `$${Number(value)}`;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Where a value came from, in words. */
const sourceWords = (source: string): string =>
  source.startsWith("agent:") ? "The agent" : source.charAt(0).toUpperCase() + source.slice(1);

const COLUMNS: Column<Value>[] = [
  { name: "Value", isRowName: true, render: ({ path }) => NAMES[path] ?? path },
  { name: "Is", className: "fact", render: ({ value }) => value },
  { name: "From", className: "text-ink-2", render: ({ source }) => source },
];

/** Each value, and where it came from. */
function Sources({ summary }: { summary: SessionConfig }) {
  const f = useFormat();
  const { models, llm, limits, safety, sources, config_overlays: overlays } = summary;
  const values = Object.entries({ models, llm, limits, safety }).flatMap(([group, fields]) =>
    Object.entries(fields).map(([name, value]): Value => {
      const path = `${group}.${name}`;
      return {
        path,
        value: shownValue(path, value, f.duration),
        source: sourceWords(sources[path] ?? "default"),
      };
    }),
  );
  return (
    <>
      <DataTable
        caption="Values and sources"
        dense
        columns={COLUMNS}
        rows={values}
        rowKey={({ path }) => path}
      />
      <p className="mt-2 text-small text-ink-3">
        Overlays: {overlays.length === 0 ? "none" : overlays.join(", ")}
      </p>
    </>
  );
}

function Chosen() {
  const f = useFormat();
  const { session } = useOpened();
  const { view, cap } = useSessionState();
  const { keySource = session.keySource, autoApprove = session.autoApprove } = view;
  const names = namesOf(session.provider, session.model);
  return (
    <Facts>
      <Fact name="Provider">{names.provider}</Fact>
      <Fact name="Model">
        {names.model} <span className="fact text-ink-3">{session.model}</span>
        {session.requestedModel !== null && (
          <span className="text-ink-2"> instead of {session.requestedModel}, which is retired</span>
        )}
      </Fact>
      <Fact name="Environment">{session.environment}</Fact>
      <Fact name="Paid by">
        <span className="inline-flex items-center gap-1.5 align-middle">
          <Payer source={keySource} provider={names.provider} />
        </span>
      </Fact>
      <Fact name="Spending cap">
        {cap === null ? "None" : <span className="fact">{f.dollars(cap)}</span>}
        <span className="text-ink-2">, set for this session</span>
      </Fact>
      <Fact name="Idle timeout">
        <span className="fact">{Math.round(session.idleTimeoutMs / 60_000)}</span> min
      </Fact>
      <Fact name="Approvals">
        {autoApprove ? "Off (everything is logged)" : "On (for writes, commands, and other tools)"}
      </Fact>
      <Fact name="Locked">
        Provider, model, and environment can't be changed after start; the payer changes only if its key is
        rejected.{" "}
        <Link className="link" href="/studio">
          Start a new session to change them
        </Link>
      </Fact>
    </Facts>
  );
}
