"use client";

import { useEffect, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import type { Format } from "../../lib/client/format.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { readSandbox, type SandboxFacts } from "../../lib/client/sandbox.ts";
import { isLive } from "../../lib/domain/lifecycle.ts";
import type { Session } from "../../lib/domain/session.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Meter } from "../ui/meter.tsx";
import { Fact } from "./status-tab.tsx";
import { dock as t } from "../../lib/client/messages/dock.ts";
import { fill, form } from "../../lib/client/messages/text.ts";

const EVERY_MS = 5000;

interface Use {
  name: string;
  calls: number;
  failed: number;
  ms: number;
  lastFail: string | undefined;
}

/** Each tool's calls in this session. */
function usesOf(view: SessionView): Use[] {
  const uses = new Map<string, Use>();
  for (const item of view.items) {
    if (item.kind !== "tool") continue;
    const known = uses.get(item.name) ?? { name: item.name, calls: 0, failed: 0, ms: 0, lastFail: undefined };
    const failed = item.state === "failed";
    uses.set(item.name, {
      ...known,
      calls: known.calls + 1,
      failed: known.failed + (failed ? 1 : 0),
      ms: known.ms + (item.durationMs ?? 0),
      lastFail: failed ? (item.error ?? t.itFailed) : known.lastFail,
    });
  }
  return [...uses.values()].toSorted((a, b) => b.calls - a.calls);
}

/** Where the sandbox can go. */
function networkWords(session: Session): string {
  return session.rawKey ? t.studioAndTheProjectsData : t.studioAndTheProjectsDataAlone;
}

type Isolation = NonNullable<SandboxFacts["isolation"]>;

/** What was asked for, and what really holds. */
function wallWords({ isolation }: SandboxFacts): string {
  if (!isolation) return t.restrictedByTheSandboxService;
  const parts = [
    fill(t.restrictedByAdapter, { adapter: isolation.adapter }),
    isolation.ownUid ? t.aUserOfItsOwn : t.noUserOfItsOwn,
    isolation.systemCallsFiltered ? t.systemCallsFiltered : t.systemCallsNotFiltered,
  ];
  return fill(isolation.active ? t.activeParts : t.notActiveParts, { parts: parts.join(", ") });
}

const LIMITS: Record<string, string | undefined> = {
  memoryMb: t.valueMBOfMemoryBy,
  cpus: t.valueCoresBy,
  processes: t.valueProcessesBy,
  diskMb: t.valueMBOfDiskBy,
  files: t.valueFilesBy,
};

/** Each limit, with what enforces it; one that nothing enforces says so. */
function limitWords({ limits }: Isolation, f: Format): string {
  return Object.entries(limits)
    .map(([name, { value, heldBy }]) => {
      const facts = { value: f.count(value), by: heldBy === "none" ? t.notEnforced : heldBy };
      const known = LIMITS[name];
      return known === undefined ? fill(t.valueNameBy, { ...facts, name }) : fill(known, facts);
    })
    .join(", ");
}

/** The machine that the session works in, what it uses, and how its tools fared. */
export function SandboxTab({ session, view }: { session: Session; view: SessionView }) {
  const f = useFormat();
  const [facts, setFacts] = useState<SandboxFacts>();
  const [problem, setProblem] = useState<ApiError>();
  const running = isLive(view.status) && view.status !== "provisioning";
  useEffect(() => {
    if (!running) return;
    let gone = false;
    const look = () => {
      if (document.hidden) return;
      readSandbox(session.id).then(
        (found) => {
          if (gone) return;
          setFacts(found);
          setProblem(undefined);
        },
        (error: unknown) => !gone && setProblem(asApiError(error)),
      );
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [session.id, running]);
  const uses = usesOf(view);
  const metrics = facts?.metrics;
  return (
    <div className="grid gap-3 p-3 lg:grid-cols-2">
      {problem && running && <ProblemNotice title={t.theSandboxWasNotRead} error={problem} />}
      <dl className="facts">
        <Fact name={t.state}>
          <span className="inline-flex items-center gap-1.5">
            <Glyph
              name={running ? "active" : view.status === "provisioning" ? "provisioning" : "stopped"}
              className={running ? "text-accent" : "text-stone"}
            />
            {running ? t.running : view.status === "provisioning" ? t.beingMade : t.gone}
            {running && facts && <span className="fact">{f.duration(facts.runningMs)}</span>}
          </span>
        </Fact>
        <Fact name={t.sandbox}>
          <span className="fact">{facts?.sandboxId ?? session.sandboxId ?? t.noneLower}</span>
        </Fact>
        <Fact name={t.template}>
          <span className="fact">{facts?.template ?? t.notKnown}</span>
        </Fact>
        <Fact name={t.agent}>{session.agentType}</Fact>
        <Fact name={t.network}>{networkWords(session)}</Fact>
        {facts && <Fact name={t.walls}>{wallWords(facts)}</Fact>}
        {facts?.isolation && <Fact name={t.limits}>{limitWords(facts.isolation, f)}</Fact>}
      </dl>
      {metrics && facts && (
        <section className="grid content-start gap-2" aria-label={t.resources}>
          <Resource
            name={fill(form(t.cpuCountCores, facts.cpuCount), { count: facts.cpuCount })}
            value={metrics.cpuPercent}
            max={100}
            words={f.percent(metrics.cpuPercent)}
          />
          <Resource
            name={t.memory}
            value={metrics.memoryBytes}
            max={metrics.memoryLimitBytes}
            words={fill(t.memoryBytesOfMemoryLimitBytes, {
              memoryBytes: f.bytes(metrics.memoryBytes),
              memoryLimitBytes: f.bytes(metrics.memoryLimitBytes),
            })}
          />
          <Resource
            name={t.disk}
            value={metrics.diskBytes}
            max={metrics.diskLimitBytes}
            words={fill(t.diskBytesOfDiskLimitBytes, {
              diskBytes: f.bytes(metrics.diskBytes),
              diskLimitBytes: f.bytes(metrics.diskLimitBytes),
            })}
          />
        </section>
      )}
      {uses.length > 0 && (
        <table className="table lg:col-span-2">
          <caption className="sr">{t.toolsOfThisSession}</caption>
          <thead>
            <tr>
              <th scope="col">{t.tool}</th>
              <th scope="col" className="num">
                {t.calls}
              </th>
              <th scope="col" className="num">
                {t.failed}
              </th>
              <th scope="col" className="num">
                {t.time}
              </th>
              <th scope="col">{t.lastFailure}</th>
            </tr>
          </thead>
          <tbody>
            {uses.map((use) => (
              <tr key={use.name}>
                <td className="mono text-small">{use.name}</td>
                <td className="num">{use.calls}</td>
                <td className="num">{use.failed}</td>
                <td className="num">{f.duration(use.ms)}</td>
                <td className="max-w-[240px] truncate text-small text-ink-2" title={use.lastFail}>
                  {use.lastFail ?? t.noneLower}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Resource({ name, value, max, words }: { name: string; value: number; max: number; words: string }) {
  return (
    <div>
      <p className="flex justify-between gap-2 text-small">
        <span className="text-ink-2">{name}</span>
        <span className="fact">{words}</span>
      </p>
      <Meter label={name} value={value} max={max} words={words} className="mt-1 w-full" />
    </div>
  );
}
