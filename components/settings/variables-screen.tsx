"use client";

import { useAction } from "#client/action.ts";
import { useVariables, type VariableRow } from "#client/live-settings.ts";
import { removeVariable } from "#client/settings.ts";
import { Ago } from "../common/ago.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { EditableList } from "./editable-list.tsx";
import { PageHead } from "./page-head.tsx";
import { environmentName, REACH_NAMES, VariableForm } from "./variable-form.tsx";

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
  const remove = useAction(removeVariable, "Couldn't remove the variable");
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
  ];
  return (
    <EditableList
      caption="Variables"
      rows={rows}
      rowKey={keyOf}
      nameOf={({ name }) => name}
      columns={columns}
      disabledReason={disabledReason}
      failure={remove.failure}
      empty={{
        title: "No variables yet",
        text: "Add what your project's tests and tools read from the environment, such as a database's address.",
      }}
      form={VariableForm}
      removal={{
        confirm: "Remove variable",
        text: "New sessions don't get it anymore, and its value can't be restored. Running sessions keep it until they end.",
        run: remove.run,
      }}
    />
  );
}
