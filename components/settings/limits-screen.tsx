"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { removeLimit } from "#client/limits.ts";
import { type LimitRow, useLimits } from "#client/live-limits.ts";
import { useFormat } from "#client/locale.tsx";
import { SUBJECT_NAMES, subjectName } from "#client/limit-labels.ts";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { type Column, PagedTable } from "../ui/data-table.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { Meter } from "../ui/meter.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { LimitForm } from "./limit-form.tsx";
import { PageHead } from "./page-head.tsx";
import { ViewOnly } from "./view-only.tsx";

/** What may be spent in a month: for the organization, its members, agents and API keys. */
export function LimitsScreen({ isAdmin }: { isAdmin: boolean }) {
  return (
    <>
      <PageHead title="Limits">
        What model calls can cost in a calendar month (UTC), with credits and with your own keys alike. At a
        limit, runs pause until an admin raises it or the month is over.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ViewOnly
          why={isAdmin ? undefined : "Only admins can change limits. You see those that concern you."}
        />
        <Live refused="Couldn't load the limits" meanwhile="they hold all the same">
          <Limits isAdmin={isAdmin} />
        </Live>
      </div>
    </>
  );
}

function Limits({ isAdmin }: { isAdmin: boolean }) {
  const limits = useLimits();
  const [editing, setEditing] = useState<LimitRow>();
  const [asked, setAsked] = useState<LimitRow>();
  const remove = useAction(async (row: LimitRow) => {
    await removeLimit(row);
    setEditing(undefined);
  }, "Couldn't remove the limit");
  return (
    <>
      <ActionProblem failure={remove.failure} retryable />
      {!limits.loading && limits.more === "none" && limits.rows.length === 0 ? (
        <Empty card title="No limits yet">
          {isAdmin
            ? "Set the first one below. Credits and each session's own cap hold in any case."
            : "Admins can set what you, the organization, an agent or an API key can spend in a month."}
        </Empty>
      ) : (
        <Card>
          <PagedTable
            caption="Monthly limits"
            stack
            pages={limits}
            columns={columnsFor(isAdmin ? { edit: setEditing, remove: setAsked } : null)}
            rowKey={({ subject, subjectId }) => `${subject}:${subjectId}`}
            names={{ one: "limit", other: "limits" }}
            empty={null}
          />
        </Card>
      )}
      {isAdmin && (
        <LimitForm
          key={editing && `${editing.subject}:${editing.subjectId}`}
          editing={editing}
          onDone={() => setEditing(undefined)}
        />
      )}
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Remove the limit of ${asked ? subjectName(asked) : ""}?`}
        confirm="Remove limit"
        cancel="Keep it"
        onConfirm={() => asked && remove.run(asked)}
      >
        Nothing then limits what they spend in a month. Runs that wait for it go on.
      </Confirm>
    </>
  );
}

const columnsFor = (
  acts: { edit: (row: LimitRow) => void; remove: (row: LimitRow) => void } | null,
): Column<LimitRow>[] => [
  {
    name: "Whose",
    isRowName: true,
    className: "max-w-[260px] font-medium wrap-anywhere max-sm:basis-full",
    render: (row) => subjectName(row),
  },
  { name: "Kind", className: "text-ink-2", render: ({ subject }) => SUBJECT_NAMES[subject] },
  { name: "Spent this month", className: "min-w-[180px]", render: (row) => <Spent row={row} /> },
  { name: "Limit", num: true, render: (row) => <Amount microUsd={row.limitMicroUsd} /> },
  ...(acts
    ? [
        {
          name: "Actions",
          isNameHidden: true,
          className: "text-end whitespace-nowrap max-sm:ml-auto",
          render: (row: LimitRow) => (
            <>
              <Button
                size="sm"
                look="quiet"
                aria-label={`Change the limit of ${subjectName(row)}`}
                onClick={() => acts.edit(row)}
              >
                Change
              </Button>
              <Button
                size="sm"
                look="danger"
                aria-label={`Remove the limit of ${subjectName(row)}`}
                onClick={() => acts.remove(row)}
              >
                Remove
              </Button>
            </>
          ),
        },
      ]
    : []),
];

function Amount({ microUsd }: { microUsd: number }) {
  return <>{useFormat().dollars(microUsd)}</>;
}

function Spent({ row }: { row: LimitRow }) {
  const f = useFormat();
  const used = f.dollars(row.spentMicroUsd);
  return (
    <span className="flex items-center gap-2">
      <Meter
        label={`Cost of this month against the limit of ${subjectName(row)}`}
        value={row.spentMicroUsd}
        max={row.limitMicroUsd}
        valueText={`${used} of ${f.dollars(row.limitMicroUsd)}`}
        className="w-24 flex-none"
      />
      <span className="fact whitespace-nowrap">{used}</span>
      {row.heldMicroUsd > 0 && (
        <span className="text-small text-ink-3">+ {f.dollars(row.heldMicroUsd)} in progress</span>
      )}
    </span>
  );
}
