"use client";

import { type Overview, useOverview } from "#client/operator.ts";
import { PageHead } from "../settings/page-head.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Counted } from "./counted.tsx";

const QUEUES: Record<string, string> = {
  sandboxes_held: "Sandboxes in use",
  sandboxes_waited_for: "Sessions that wait for a sandbox",
  leases_held: "Sessions carried by a server",
  leases_free: "Sessions that wait for a server",
  leases_lapsed: "Sessions whose server is gone",
  sessions_late: "Sessions past a deadline",
  sandboxes_to_end: "Sandboxes to end",
  saves_due: "Saves that are due",
  webhooks_due: "Webhooks that are due",
  notifications_due: "Notifications that are to leave Studio",
  removals: "Deletions under way",
};

/** How Studio stands as a whole. */
export function OverviewScreen() {
  const overview = useOverview();
  return (
    <>
      <PageHead title="Overview">Services, queues, what failed in the last 24 hours, and who came.</PageHead>
      <Loaded
        resource={overview}
        loading={<Loading>Loading the overview</Loading>}
        failed="Couldn't load the overview"
      >
        {(data) => <Cards data={data} />}
      </Loaded>
    </>
  );
}

function Cards({ data }: { data: Overview }) {
  return (
    <div className="grid grid-cols-2 items-start gap-5 max-lg:grid-cols-[minmax(0,1fr)]">
      <Card>
        <CardHead id="operator-services" title="Services" />
        <DataTable
          labelledBy="operator-services"
          rows={data.status.services}
          rowKey={({ name }) => name}
          columns={[
            { name: "Service", isRowName: true, render: ({ name }) => name },
            { name: "State", render: ({ state }) => state },
            {
              name: "Answered in",
              num: true,
              render: ({ latency_ms: ms }) => (ms === undefined ? "" : `${ms} ms`),
            },
          ]}
        />
      </Card>
      <Card>
        <CardHead id="operator-versions" title="Versions" />
        <DataTable
          labelledBy="operator-versions"
          rows={data.versions}
          rowKey={({ name }) => name}
          columns={[
            { name: "What", isRowName: true, render: ({ name }) => name },
            { name: "Version", className: "fact", render: ({ version }) => version },
          ]}
        />
      </Card>
      <Card>
        <CardHead id="operator-queues" title="Queues and leases" />
        <DataTable
          labelledBy="operator-queues"
          rows={[...data.queues, { name: "Frozen organizations", ...data.frozen }]}
          rowKey={({ name }) => name}
          columns={[
            { name: "What", isRowName: true, render: ({ name }) => QUEUES[name] ?? name },
            { name: "How many", num: true, render: (row) => <Counted of={row} /> },
          ]}
        />
      </Card>
      <Card>
        <CardHead id="operator-failures" title="Failures of the last 24 hours" />
        {data.failures.length === 0 ? (
          <p className="px-4 py-6 text-ink-2">Nothing failed.</p>
        ) : (
          <DataTable
            labelledBy="operator-failures"
            rows={data.failures}
            rowKey={({ of, kind }) => `${of}:${kind}`}
            columns={[
              { name: "Kind", isRowName: true, className: "fact", render: ({ kind }) => kind },
              { name: "Of", render: ({ of }) => (of === "run" ? "runs" : "sessions") },
              { name: "How often", num: true, render: ({ count }) => count },
            ]}
          />
        )}
      </Card>
      <Card>
        <CardHead id="operator-sign-ups" title="Sign-ups of the last 30 days" />
        {data.signUps.length === 0 ? (
          <p className="px-4 py-6 text-ink-2">Nobody came.</p>
        ) : (
          <DataTable
            labelledBy="operator-sign-ups"
            rows={data.signUps}
            rowKey={({ day }) => day}
            columns={[
              { name: "Day (UTC)", isRowName: true, render: ({ day }) => day },
              { name: "People", num: true, render: ({ people }) => people },
            ]}
          />
        )}
        {data.areSignUpsCut && <p className="px-4 py-2 text-small text-ink-3">Earlier days are left out.</p>}
      </Card>
    </div>
  );
}
