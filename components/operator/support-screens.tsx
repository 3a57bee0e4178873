"use client";

import Link from "next/link";
import { useState } from "react";
import { lineOf } from "#client/log-line.ts";
import {
  type SupportEvent,
  type SupportSession,
  useSupportLog,
  useSupportSessions,
} from "#client/operator.ts";
import { useSettled } from "#client/use-settled.ts";
import { Ago } from "../common/ago.tsx";
import { Moment } from "../common/moment.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { Card } from "../ui/card.tsx";
import type { Column } from "../ui/data-table.tsx";
import { ReadTable } from "./read-table.tsx";
import { SearchField } from "./search-field.tsx";

const sessionColumns = (organization: string): Column<SupportSession>[] => [
  {
    name: "Session",
    isRowName: true,
    className: "max-w-[360px] wrap-anywhere",
    render: ({ id, title }) => (
      <Link className="link" href={`/operator/organizations/${organization}/sessions/${id}`}>
        {title}
      </Link>
    ),
  },
  { name: "State", render: ({ status }) => status },
  { name: "Started by", hideBelow: "lg", className: "wrap-anywhere", render: ({ userName }) => userName },
  { name: "Environment", hideBelow: "lg", render: ({ environment }) => environment },
  {
    name: "Model",
    hideBelow: "lg",
    className: "fact",
    render: ({ provider, model }) => `${provider}/${model}`,
  },
  { name: "Last activity", render: ({ lastActivityAt }) => <Ago at={lastActivityAt} /> },
];

/** The sessions of an organization that consents. @param organization its id, or its slug */
export function SupportSessionsScreen({ organization }: { organization: string }) {
  const [typed, setTyped] = useState("");
  const pages = useSupportSessions(organization, useSettled(typed.trim(), 300));
  return (
    <>
      <PageHead title="Sessions">
        Read with the consent of{" "}
        <Link className="link" href={`/operator/organizations/${organization}`}>
          the organization
        </Link>
        , whose audit log says what you look at.
      </PageHead>
      <SearchField
        hint="Words of the title, or of what was asked and answered"
        typed={typed}
        onType={setTyped}
      />
      <Card>
        <ReadTable
          problem="Couldn't load the sessions"
          caption="Sessions of the organization"
          pages={pages}
          columns={sessionColumns(organization)}
          rowKey={({ id }) => id}
          names={{ one: "session", other: "sessions" }}
          empty="There is no such session."
        />
      </Card>
    </>
  );
}

const EVENTS: Column<SupportEvent>[] = [
  { name: "Number", num: true, render: ({ seq }) => seq },
  { name: "When", className: "whitespace-nowrap", render: ({ ts }) => <Moment at={Date.parse(ts)} /> },
  { name: "Type", isRowName: true, className: "fact whitespace-nowrap", render: ({ type }) => type },
  {
    name: "What",
    className: "w-full wrap-anywhere",
    render: (event) => (
      <details>
        <summary>{lineOf(event) || "Details"}</summary>
        <pre className="max-h-[50dvh] overflow-auto py-1 text-small whitespace-pre-wrap">
          {JSON.stringify(event.payload, null, 2)}
        </pre>
      </details>
    ),
  },
];

/** The log of such a session: to be read, and nothing else. */
export function SupportLogScreen({ organization, id }: { organization: string; id: string }) {
  const pages = useSupportLog(organization, id);
  return (
    <>
      <PageHead title="Session log">
        <Link className="link" href={`/operator/organizations/${organization}/sessions`}>
          All sessions
        </Link>{" "}
        <span className="fact">{id}</span>
      </PageHead>
      <Card>
        <ReadTable
          problem="Couldn't load the log"
          caption="Events of the session"
          pages={pages}
          columns={EVENTS}
          rowKey={({ seq }) => String(seq)}
          names={{ one: "event", other: "events" }}
          empty="Its log is empty, or was removed."
        />
      </Card>
    </>
  );
}
