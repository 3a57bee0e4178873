"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useVariables, type VariableRow } from "#client/live-settings.ts";
import { removeVariable } from "#client/settings.ts";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { PageHead } from "./page-head.tsx";
import { environmentName, REACH_NAMES, VariableForm } from "./variable-form.tsx";
import { ViewOnly } from "./view-only.tsx";

/** What the organization's sandboxes find in their environment: names and purposes, never a value. */
export function VariablesScreen({ disabledReason }: { disabledReason: string | undefined }) {
  return (
    <>
      <PageHead title="Variables">
        Settings and secrets for your project, in the environment of new sandboxes. Values are encrypted,
        never shown again, and hidden in session logs. Running sessions keep the ones they began with.
      </PageHead>
      <Live refused="Couldn't load the variables" meanwhile="sessions keep getting them">
        <Variables disabledReason={disabledReason} />
      </Live>
    </>
  );
}

const keyOf = ({ name, environment }: VariableRow) => `${environment ?? "all"} ${name}`;

function Variables({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useVariables();
  const [editing, setEditing] = useState<VariableRow>();
  const [asked, setAsked] = useState<VariableRow>();
  const remove = useAction(removeVariable, "Couldn't remove the variable");
  const isOff = disabledReason !== undefined;
  const columns: Column<VariableRow>[] = [
    {
      name: "Name",
      isRowName: true,
      className: "fact max-w-[280px] wrap-anywhere max-sm:basis-full",
      render: ({ name }) => name,
    },
    { name: "Environment", render: ({ environment }) => environmentName(environment) },
    { name: "Available to", render: ({ reach }) => REACH_NAMES[reach] },
    {
      name: "Description",
      className: "max-w-[320px] wrap-anywhere text-ink-2 max-sm:basis-full",
      render: ({ description }) => description,
    },
    {
      name: "Changed",
      hideBelow: "lg",
      className: "whitespace-nowrap text-ink-2",
      render: ({ updatedAt }) => <Ago at={updatedAt} />,
    },
    ...(isOff
      ? []
      : [
          {
            name: "Actions",
            isNameHidden: true,
            className: "text-end whitespace-nowrap max-sm:ml-auto",
            render: (row: VariableRow) => (
              <span className="inline-flex gap-2">
                <Button size="sm" aria-label={`Change ${row.name}`} onClick={() => setEditing(row)}>
                  Change
                </Button>
                <Button
                  size="sm"
                  look="danger"
                  aria-label={`Remove ${row.name}`}
                  onClick={() => setAsked(row)}
                >
                  Remove
                </Button>
              </span>
            ),
          },
        ]),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <ViewOnly why={disabledReason} />
      <ActionProblem failure={remove.failure} retryable />
      {rows?.length === 0 ? (
        <Empty card title="No variables yet">
          Add what your project's tests and tools read from the environment, such as a database's address.
        </Empty>
      ) : (
        <Card>
          <DataTable
            caption="Variables"
            stack
            busy={rows === undefined}
            rows={rows ?? []}
            rowKey={keyOf}
            columns={columns}
          />
        </Card>
      )}
      {!isOff && (
        <VariableForm
          key={editing ? keyOf(editing) : "new"}
          editing={editing}
          onDone={() => setEditing(undefined)}
        />
      )}
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Remove “${asked?.name ?? ""}”?`}
        confirm="Remove variable"
        cancel="Keep it"
        onConfirm={() => asked && remove.run(asked)}
      >
        New sessions don't get it any more, and its value can't be restored. Running sessions keep it until
        they end.
      </Confirm>
    </div>
  );
}
