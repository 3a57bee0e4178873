"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { AUDIT_AREAS } from "../../lib/client/audit-words.ts";
import { type AuditFilter, type AuditRow, useAuditLog } from "../../lib/client/live-settings.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { AuditTable } from "./audit-table.tsx";
import { PageHead } from "./page-head.tsx";
import { Select } from "./select.tsx";
import { audit as t } from "../../lib/client/messages/audit.ts";

const DAY_MS = 86_400_000;
const PERIODS = [
  { days: "1", name: t.lastDay },
  { days: "7", name: t.lastWeek },
  { days: "30", name: t.lastMonth },
];
const ALL = "";

/** Who changed what in the organization: a list, narrowed as wished, and the same as a file. */
export function AuditScreen() {
  return (
    <ErrorBoundary
      fallback={
        <>
          <PageHead title={t.auditLog}>{t.whoChangedWhat}</PageHead>
          <Notice tone="warning" title={t.theLogCannotBeShown}>
            <p>{t.theLiveConnectionWasRefused}</p>
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
        title={t.auditLog}
        actions={
          <a className="btn" href={csvAddress(filter)} download>
            <Download className="i i-sm" aria-hidden="true" />
            {t.downloadCSV}
          </a>
        }
      >
        {t.whoChangedWhat}
      </PageHead>
      <fieldset className="mb-4 flex flex-wrap gap-3" aria-label={t.filter}>
        <Select label={t.what} value={area} onChange={setArea}>
          <option value={ALL}>{t.everything}</option>
          {Object.entries(AUDIT_AREAS).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Select label={t.who} value={actor} onChange={setActor}>
          <option value={ALL}>{t.everyone}</option>
          {[...people].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Select label={t.when} value={period.days} onChange={choosePeriod}>
          <option value={ALL}>{t.anyTime}</option>
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
