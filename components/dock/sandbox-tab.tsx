"use client";

import type { Format } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { readSandbox, type SandboxFacts } from "#client/sandbox.ts";
import { isLive } from "#domain/lifecycle.ts";
import { type NetworkPolicy, policyWords } from "#domain/network.ts";
import { plural } from "#domain/plural.ts";
import type { Session } from "#domain/session.ts";
import type { SessionView } from "#domain/session-view.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { Meter } from "../ui/meter.tsx";
import { LeftRunning } from "./left-running.tsx";
import { SessionMcp } from "./session-mcp.tsx";
import { WallChecks } from "./wall-check.tsx";

const EVERY_MS = 5000;
const CLOSED = { mode: "closed", presets: [], hosts: [] } satisfies NetworkPolicy;

interface Use {
  name: string;
  /** When its last failure was, ISO 8601, and where. */
  failedAt?: string;
  failedSeq?: number;
  calls: number;
  failed: number;
  ms: number;
  lastFailure: string | undefined;
}

/** Each tool's calls in this session. */
function usesOf(view: SessionView): Use[] {
  const uses = new Map<string, Use>();
  for (const item of view.items) {
    if (item.kind !== "tool") continue;
    const known = uses.get(item.name) ?? {
      name: item.name,
      calls: 0,
      failed: 0,
      ms: 0,
      lastFailure: undefined,
    };
    const failed = item.state === "failed";
    uses.set(item.name, {
      ...known,
      calls: known.calls + 1,
      failed: known.failed + (failed ? 1 : 0),
      ms: known.ms + (item.durationMs ?? 0),
      lastFailure: failed ? (item.error ?? "Failed") : known.lastFailure,
      ...(failed && { failedAt: item.ts, failedSeq: item.seq }),
    });
  }
  return [...uses.values()].toSorted((a, b) => b.calls - a.calls);
}

/** Where the sandbox can go. */
function networkLabel({ network, status }: SessionView, session: Session): string {
  if (!network && status === "provisioning") return "Set when the sandbox is created";
  // Of a session from before there were policies.
  const policy = network ?? CLOSED;
  const words = policyWords(policy);
  return session.rawKey && policy.mode !== "open" ? `${words}, and the model provider` : words;
}

/** How many hosts were refused. */
function refusedLabel(view: SessionView, facts: SandboxFacts | undefined): string {
  const count = view.items.filter((item) => item.kind === "notice" && item.refused).length;
  if (count > 0) return `${count} ${plural(count, "host", "hosts")}`;
  return facts?.refusalsTold === false ? "Not known: this sandbox service doesn't report it" : "None";
}

type Isolation = NonNullable<SandboxFacts["isolation"]>;

/** What was asked for, and what really holds. */
function isolationLabel({ isolation }: SandboxFacts): string {
  if (!isolation) return "Restricted by the sandbox service";
  const parts = [
    isolation.ownUid ? "Runs as its own user" : "No separate user",
    isolation.adapter,
    isolation.systemCallsFiltered ? "system calls filtered" : "system calls not filtered",
  ];
  return isolation.active ? parts.join(" · ") : `Not active: ${parts.join(" · ")}`;
}

/** How a tool's calls are held, as asked for and as it is: `spec/facts.md` B6. */
interface Held {
  requested: string;
  effective: string;
  adapter: string;
  active: string;
}

/** Every tool of the agent's runs within the sandbox, so what holds it holds them all. */
function heldBy(facts: SandboxFacts | undefined): Held {
  const requested = "restricted";
  if (!facts) return { requested, effective: "not known", adapter: "not known", active: "not known" };
  const { isolation } = facts;
  // A sandbox service that says nothing of it is a machine of its own.
  if (!isolation) return { requested, effective: "restricted", adapter: "sandbox service", active: "yes" };
  const { adapter, active } = isolation;
  return {
    requested,
    effective: active ? "restricted" : "none",
    adapter,
    active: active ? "yes" : "no",
  };
}

const LIMITS: Record<string, string | undefined> = {
  memoryMb: "MB of memory",
  cpus: "cores",
  processes: "processes",
  diskMb: "MB of disk",
  files: "files",
};

/** Each limit, with what enforces it; one that nothing enforces says so. */
function limitsLabel({ limits }: Isolation, f: Format): string {
  return Object.entries(limits)
    .map(([name, { value, heldBy }]) => {
      const by = heldBy === "none" ? "not enforced" : heldBy;
      const unit = name === "cpus" && value === 1 ? "core" : (LIMITS[name] ?? name);
      return `${f.count(value)} ${unit} (${by})`;
    })
    .join(", ");
}

/** The machine that the session works in, what it uses, and how its tools fared. */
export function SandboxTab() {
  const f = useFormat();
  const { session } = useOpened();
  const { view, panels } = useSessionState();
  const running = isLive(view.status) && view.status !== "provisioning";
  const sandbox = useResource(["sandbox", session.id], async () => await readSandbox(session.id), {
    enabled: running,
    everyMs: EVERY_MS,
  });
  const facts = sandbox.data;
  const uses = usesOf(view);
  const held = heldBy(facts);
  const lastFail = uses
    .filter(({ failedAt }) => failedAt !== undefined)
    .toSorted((a, b) => (b.failedAt ?? "").localeCompare(a.failedAt ?? ""))[0];
  const metrics = facts?.metrics;
  return (
    <div className="grid gap-3 p-3 lg:grid-cols-2">
      {running && <ReadProblem of={sandbox} title="Couldn't load the sandbox" />}
      <Facts>
        <Fact name="State">
          <span className="inline-flex items-center gap-1.5">
            <Glyph
              name={running ? "active" : view.status === "provisioning" ? "provisioning" : "stopped"}
              className={running ? "text-accent" : "text-neutral"}
            />
            {running ? "Running" : view.status === "provisioning" ? "Being created" : "Deleted"}
            {running && facts && <span className="fact">{f.duration(facts.runningMs)}</span>}
          </span>
        </Fact>
        <Fact name="Sandbox">
          <span className="fact">{facts?.sandboxId ?? session.sandboxId ?? "none"}</span>
        </Fact>
        <Fact name="Template">
          <span className="fact">{facts?.template ?? "unknown"}</span>
        </Fact>
        <Fact name="Agent">{session.agentType}</Fact>
        <Fact name="Network">{networkLabel(view, session)}</Fact>
        <Fact name="Refused">{refusedLabel(view, facts)}</Fact>
        {facts && <Fact name="Isolation">{isolationLabel(facts)}</Fact>}
        {facts?.isolation && <Fact name="Limits">{limitsLabel(facts.isolation, f)}</Fact>}
      </Facts>
      {metrics && facts && (
        <section className="grid content-start gap-2" aria-label="Resources">
          <Resource
            name={`CPU, ${facts.cpuCount} ${plural(facts.cpuCount, "core", "cores")}`}
            value={metrics.cpuPercent}
            max={100}
            valueText={f.percent(metrics.cpuPercent)}
          />
          <Resource
            name="Memory"
            value={metrics.memoryBytes}
            max={metrics.memoryLimitBytes}
            valueText={`${f.bytes(metrics.memoryBytes)} of ${f.bytes(metrics.memoryLimitBytes)}`}
          />
          <Resource
            name="Disk"
            value={metrics.diskBytes}
            max={metrics.diskLimitBytes}
            valueText={`${f.bytes(metrics.diskBytes)} of ${f.bytes(metrics.diskLimitBytes)}`}
          />
        </section>
      )}
      <SessionMcp />
      {running && <LeftRunning />}
      {running && <WallChecks />}
      {lastFail?.failedAt !== undefined && (
        <section aria-label="Last fail" className="text-small lg:col-span-2" data-testid="last-fail">
          <h3 className="label mb-0.5">Last fail</h3>
          <p className="wrap-anywhere text-ink-2">
            <span className="fact text-ink">{lastFail.name}</span> at{" "}
            <time dateTime={lastFail.failedAt}>{f.exact(Date.parse(lastFail.failedAt))}</time>:{" "}
            {lastFail.lastFailure}{" "}
            <a className="link" href={`#e${lastFail.failedSeq ?? 0}`} onClick={() => panels.show("session")}>
              Show in transcript
            </a>
          </p>
        </section>
      )}
      {uses.length > 0 && (
        <DataTable
          className="lg:col-span-2"
          caption="Tools used in this session"
          rows={uses}
          rowKey={({ name }) => name}
          columns={[
            { name: "Tool", className: "mono text-small", render: ({ name }) => name },
            { name: "Requested", hideBelow: "lg", render: () => held.requested },
            { name: "Effective", render: () => held.effective },
            { name: "Adapter", hideBelow: "lg", className: "fact", render: () => held.adapter },
            { name: "Active", render: () => held.active },
            { name: "Calls", num: true, render: ({ calls }) => calls },
            { name: "Failed", num: true, render: ({ failed }) => failed },
            { name: "Time", num: true, render: ({ ms }) => f.duration(ms) },
            {
              name: "Last failure",
              className: "max-w-[240px] truncate text-small text-ink-2",
              render: ({ lastFailure }) => <span title={lastFailure}>{lastFailure ?? "none"}</span>,
            },
          ]}
        />
      )}
    </div>
  );
}

function Resource({
  name,
  value,
  max,
  valueText,
}: {
  name: string;
  value: number;
  max: number;
  valueText: string;
}) {
  return (
    <div>
      <p className="flex justify-between gap-2 text-small">
        <span className="text-ink-2">{name}</span>
        <span className="fact">{valueText}</span>
      </p>
      <Meter label={name} value={value} max={max} valueText={valueText} className="mt-1 w-full" />
    </div>
  );
}
