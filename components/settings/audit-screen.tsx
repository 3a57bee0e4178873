"use client";

import { Download } from "lucide-react";
import { type ReactNode, useState } from "react";
import { AUDIT_AREAS } from "#client/audit-labels.ts";
import { DAY_MS } from "#client/format.ts";
import { type AuditFilter, type AuditRow, useAuditLog } from "#client/live-settings.ts";
import { buttonClass } from "../ui/button-class.ts";
import { Icon } from "../ui/icon.tsx";
import { Live } from "../ui/live.tsx";
import { Choice } from "../ui/select.tsx";
import { AuditTable } from "./audit-table.tsx";
import { PageHead } from "./page-head.tsx";

const ALL = "";
const AREAS = [
  { value: ALL, name: "Everything" },
  ...Object.entries(AUDIT_AREAS).map(([value, name]) => ({ value, name })),
];
const PERIODS = [
  { value: ALL, name: "Any time" },
  { value: "1", name: "Last 24 hours" },
  { value: "7", name: "Last 7 days" },
  { value: "30", name: "Last 30 days" },
];

/** The address of the same entries as a file. */
function csvAddress({ action, actor, since }: AuditFilter): string {
  const query = new URLSearchParams({ format: "csv" });
  if (action !== undefined) query.set("action", action);
  if (actor !== undefined) query.set("actor", actor);
  if (since !== undefined) query.set("from", new Date(since).toISOString());
  return `/api/v1/audit?${query}`;
}

/** Who changed what in the organization: a list, narrowed as wished, and the same as a file. */
export function AuditScreen() {
  return (
    <Live refused="Couldn't load the log" meanwhile="nothing is lost" head={<Head />}>
      <Log />
    </Live>
  );
}

function Head({ actions }: { actions?: ReactNode }) {
  return (
    <PageHead title="Audit log" actions={actions}>
      Who changed what in this organization, when, and from where. What happens in a session is in its
      transcript.
    </PageHead>
  );
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
  const everyone = [...people].map(([value, name]) => ({ value, name }));
  return (
    <>
      <Head
        actions={
          <a className={buttonClass()} href={csvAddress(filter)} download>
            <Icon as={Download} size="sm" />
            Download CSV
          </a>
        }
      />
      <fieldset className="mb-4 flex flex-wrap gap-3" aria-label="Filter">
        <Choice label="What" value={area} onChange={setArea} options={AREAS} />
        <Choice
          label="Who"
          value={actor}
          onChange={setActor}
          options={[{ value: ALL, name: "Everyone" }, ...everyone]}
        />
        <Choice label="When" value={period.days} onChange={choosePeriod} options={PERIODS} />
      </fieldset>
      <AuditTable log={log} filtered={Object.keys(filter).length > 0} />
    </>
  );
}

const peopleOf = (rows: readonly AuditRow[]): [string, string][] =>
  rows.flatMap(({ actor: { person } }) => (person ? [[person.userId, person.name]] : []));
