"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type DestinationRow, useDestinations } from "#client/live-notifications.ts";
import { removeDestination, testDestination } from "#client/notifications.ts";
import type { DestinationKind } from "#domain/deliveries.ts";
import { Ago } from "../common/ago.tsx";
import { Chip } from "../ui/chip.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { Notice } from "../ui/notice.tsx";
import { DestinationForm } from "./destination-form.tsx";
import { EditableList } from "./editable-list.tsx";
import { NEWS_KINDS } from "./news-kinds.ts";

const KINDS: Record<DestinationKind, string> = { slack: "Slack", webhook: "Signed webhook" };

const COLUMNS: readonly Column<DestinationRow>[] = [
  {
    name: "Name",
    isRowName: true,
    className: "max-w-[200px] wrap-anywhere max-sm:basis-full",
    render: ({ name }) => name,
  },
  {
    name: "Goes to",
    className: "max-w-[240px] wrap-anywhere",
    render: ({ kind, host }) => (
      <>
        {KINDS[kind]}, <span className="fact">{host}</span>
      </>
    ),
  },
  {
    name: "Told of",
    className: "max-w-[240px]",
    render: ({ kinds }) => kinds.map((kind) => NEWS_KINDS[kind].name).join(", "),
  },
  {
    name: "Status",
    className: "max-sm:basis-full",
    render: (row) => (
      <span className="grid justify-items-start gap-1">
        <State row={row} />
      </span>
    ),
  },
];

function State({ row: { enabled, offBecause, lastError, lastDeliveredAt } }: { row: DestinationRow }) {
  if (!enabled)
    return (
      <>
        <Chip tone={offBecause === null ? "neutral" : "danger"}>Off</Chip>
        {offBecause !== null && (
          <span className="text-small text-ink-2">Deliveries failed again and again. {offBecause}</span>
        )}
      </>
    );
  return (
    <>
      <Chip tone={lastError === null ? "success" : "warning"}>{lastError === null ? "On" : "Failing"}</Chip>
      {lastError !== null && <span className="text-small text-ink-2">{lastError}</span>}
      {lastDeliveredAt !== null && (
        <span className="text-small text-ink-3">
          Told <Ago at={lastDeliveredAt} />
        </span>
      )}
    </>
  );
}

/** Where the whole organization is told: for admins. */
export function Destinations() {
  return (
    <section aria-labelledby="destinations" className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div>
        <h2 id="destinations" className="text-title font-semibold">
          The organization’s destinations
        </h2>
        <p className="text-small text-ink-2">
          A channel or a program that’s told of all sessions, each event once. Titles and first lines leave
          Studio; nobody can answer from there without signing in.
        </p>
      </div>
      <Live refused="Couldn't load the destinations" meanwhile="they are told all the same">
        <List />
      </Live>
    </section>
  );
}

function List() {
  const rows = useDestinations();
  const [tested, setTested] = useState<{ name: string; error: string | null }>();
  const removing = useAction(
    async ({ id }: DestinationRow) => await removeDestination(id),
    "Couldn't remove the destination",
  );
  const testing = useAction(async ({ id, name }: DestinationRow) => {
    setTested(undefined);
    setTested({ name, error: (await testDestination(id)).error });
  }, "Couldn't send the test");
  return (
    <>
      {tested && (
        <Notice
          alert
          tone={tested.error === null ? "done" : "error"}
          title={
            tested.error === null
              ? `A test was sent to “${tested.name}”`
              : `The test didn't reach “${tested.name}”`
          }
        >
          {tested.error !== null && <p>{tested.error}</p>}
        </Notice>
      )}
      <EditableList
        caption="Destinations of notifications"
        rows={rows}
        rowKey={({ id }) => id}
        nameOf={({ name }) => name}
        columns={COLUMNS}
        disabledReason={undefined}
        failure={removing.failure ?? testing.failure}
        empty={{
          title: "No destinations yet",
          text: "Add a Slack channel, or a program’s address, to tell it of requests and runs.",
        }}
        test={{ name: "Send a test", pending: testing.pending, run: (row) => testing.run(row) }}
        form={DestinationForm}
        removal={{
          confirm: "Remove destination",
          text: "What is still to be sent there is not sent, and its address can’t be restored.",
          run: (row) => removing.run(row),
        }}
      />
    </>
  );
}
