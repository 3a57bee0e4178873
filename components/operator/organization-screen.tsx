"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useFormat } from "#client/locale.tsx";
import { type UsedOrganization, useOperatorAudit, useOrganization } from "#client/operator.ts";
import { Moment } from "../common/moment.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { Counted, Dollars } from "./counted.tsx";
import { CreditForm } from "./credit-form.tsx";
import { FreezeForm } from "./freeze-form.tsx";
import { LiveSessions } from "./live-sessions.tsx";
import { OperatorEntries } from "./operator-audit-screen.tsx";
import { SupportCard } from "./support-card.tsx";

/** One organization, and what an operator can do about it. @param id its slug or its id */
export function OrganizationScreen({ id }: { id: string }) {
  const found = useOrganization(id);
  return (
    <Loaded
      resource={found}
      loading={<Loading>Loading the organization</Loading>}
      failed="Couldn't load the organization"
    >
      {(data) => <Organization data={data} />}
    </Loaded>
  );
}

function Organization({ data }: { data: UsedOrganization }) {
  const { organization } = data;
  const { id, name, slug, frozen, members, live, createdAt, balanceMicroUsd } = organization;
  const client = useQueryClient();
  const changed = async () => await client.invalidateQueries({ queryKey: ["operator"] });
  return (
    <>
      <PageHead title={name}>
        <span className="fact">{slug}</span>
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {frozen && (
          <Notice tone="warning" title="This organization is frozen">
            <p>
              {frozen.reason} (<Moment at={frozen.at} />)
            </p>
          </Notice>
        )}
        <Card className="p-3.5">
          <Facts>
            <Fact name="Id">
              <span className="fact">{id}</span>
            </Fact>
            <Fact name="Created">
              <Moment at={createdAt} />
            </Fact>
            <Fact name="Members">
              <Counted of={members} />
            </Fact>
            <Fact name="Live sessions">
              <Counted of={live} />
            </Fact>
            <Fact name="Balance">
              <Dollars microUsd={balanceMicroUsd} />
            </Fact>
          </Facts>
        </Card>
        <FreezeForm organization={organization} onDone={changed} />
        <CreditForm organization={organization} onDone={changed} />
        <SupportCard organization={id} support={data.support} />
        <LiveSessions organization={id} onEnded={changed} />
        <Days data={data} />
        <Card>
          <CardHead title="What operators have done here" />
          <OperatorEntries pages={useOperatorAudit(id)} />
        </Card>
      </div>
    </>
  );
}

function Days({ data: { days, isCut } }: { data: UsedOrganization }) {
  const f = useFormat();
  return (
    <Card>
      <CardHead id="operator-days" title="Use of the last 30 days" />
      {days.length === 0 ? (
        <p className="px-4 py-6 text-ink-2">Nothing was used.</p>
      ) : (
        <DataTable
          labelledBy="operator-days"
          rows={days}
          rowKey={({ day }) => day}
          columns={[
            { name: "Day (UTC)", isRowName: true, render: ({ day }) => day },
            { name: "Model calls", num: true, render: ({ calls }) => f.count(calls) },
            { name: "Sandbox time", num: true, render: ({ sandboxMs }) => f.duration(sandboxMs) },
            {
              name: "Cost",
              num: true,
              render: ({ costMicroUsd }) => <Dollars microUsd={costMicroUsd} />,
            },
          ]}
        />
      )}
      {isCut && <p className="px-4 py-2 text-small text-ink-3">Earlier days are left out.</p>}
    </Card>
  );
}
