"use client";

import { DAY_MS } from "../../lib/client/format.ts";
import { Download } from "lucide-react";
import { useState } from "react";
import { AUDIT_AREAS } from "../../lib/client/audit-labels.ts";
import { type AuditFilter, type AuditRow, useAuditLog } from "../../lib/client/live-settings.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { AuditTable } from "./audit-table.tsx";
import { PageHead } from "./page-head.tsx";
import { Select } from "./select.tsx";

const PERIODS = [
  { days: "1", name: "Last 24 hours" },
  { days: "7", name: "Last 7 days" },
  { days: "30", name: "Last 30 days" },
];
const ALL = "";

/** Who changed what in the organization: a list, narrowed as wished, and the same as a file. */
export function AuditScreen() {
  return (
    <ErrorBoundary
      fallback={
        <>
          <PageHead title="Audit log">
            Who changed what in this organization, when, and from where. What happens in a session is in its
            transcript.
          </PageHead>
          <Notice tone="warning" title="Couldn't load the log">
            <p>The live connection was refused. Reload the page to try again; nothing is lost.</p>
          </Notice>
        </>
      }
    >
      <Log />
    </ErrorBoundary>
  );
}

/** The address of the same entries as a file. */
function csvAddress({ action, actor, since }: AuditFilter): string {
  const query = new URLSearchParams({ format: "csv" });
  if (action !== undefined) query.set("action", action);
  if (actor !== undefined) query.set("actor", actor);
  if (since !== undefined) query.set("from", new Date(since).toISOString());
  return `/api/v1/audit?${query}`;
}

function Log() {
  const [area, setArea] = useState(ALL);
  const [actor, setActor] = useState(ALL);
  const [period, setPeriod] = useState<{ days: string; since?: number }>({ days: ALL });
  const [people, setPeople] = useState<ReadonlyMap<string, string>>(new Map());
  const filter: AuditFilter = {
    ...(area !== ALL && { action: area }),
    ...(actor !== ALL && { actor }),
    ...(period.since !== undefined && { since: period.since }),
  };
  const log = useAuditLog(filter);
  // A person who was seen once can still be chosen when the list shows only others.
  const seen = peopleOf(log.rows).filter(([id, name]) => people.get(id) !== name);
  if (seen.length > 0) setPeople(new Map([...people, ...seen]));
  const choosePeriod = (days: string) =>
    setPeriod(days === ALL ? { days } : { days, since: Date.now() - Number(days) * DAY_MS });
  return (
    <>
      <PageHead
        title="Audit log"
        actions={
          <a className="btn" href={csvAddress(filter)} download>
            <Download className="i i-sm" aria-hidden="true" />
            Download CSV
          </a>
        }
      >
        Who changed what in this organization, when, and from where. What happens in a session is in its
        transcript.
      </PageHead>
      <fieldset className="mb-4 flex flex-wrap gap-3" aria-label="Filter">
        <Select label="What" value={area} onChange={setArea}>
          <option value={ALL}>Everything</option>
          {Object.entries(AUDIT_AREAS).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Select label="Who" value={actor} onChange={setActor}>
          <option value={ALL}>Everyone</option>
          {[...people].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Select label="When" value={period.days} onChange={choosePeriod}>
          <option value={ALL}>Any time</option>
          {PERIODS.map(({ days, name }) => (
            <option key={days} value={days}>
              {name}
            </option>
          ))}
        </Select>
      </fieldset>
      <AuditTable log={log} filtered={Object.keys(filter).length > 0} />
    </>
  );
}

const peopleOf = (rows: readonly AuditRow[]): [string, string][] =>
  rows.flatMap(({ actor: { person } }) => (person ? [[person.userId, person.name]] : []));
