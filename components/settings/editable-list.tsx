"use client";

import { type ComponentType, useState } from "react";
import type { Failure } from "#client/action.ts";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ViewOnly } from "./view-only.tsx";

/**
 * A list of settings that have a name each, below it the form that adds one or changes one, and a question before one is
 * removed. People who may not change them see the list alone, and why.
 */
export function EditableList<Row>({
  caption,
  rows,
  rowKey,
  rowProps,
  nameOf,
  columns,
  disabledReason,
  failure,
  empty,
  test,
  mayChange = () => true,
  form: Form,
  removal,
}: {
  caption: string;
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  rowProps?: (row: Row) => { [data: `data-${string}`]: string };
  nameOf: (row: Row) => string;
  columns: readonly Column<Row>[];
  disabledReason: string | undefined;
  failure: Failure | undefined;
  empty: { title: string; text: string };
  /** What can be tried again as it is stored. */
  test?: { name?: string; pending: boolean; run: (row: Row) => void };
  /** Whether a row is one that this person may change and remove. */
  mayChange?: (row: Row) => boolean;
  form: ComponentType<{ editing: Row | undefined; onDone: () => void }>;
  removal: { confirm: string; text: string; run: (row: Row) => void };
}) {
  const [editing, setEditing] = useState<Row>();
  const [asked, setAsked] = useState<Row>();
  const actions: Column<Row> = {
    name: "Actions",
    isNameHidden: true,
    className: "text-end whitespace-nowrap max-sm:ml-auto",
    render: (row) => (
      <span className="inline-flex gap-2">
        {test && (
          <Button
            size="sm"
            aria-label={test.name === undefined ? `Test ${nameOf(row)}` : `${test.name} to ${nameOf(row)}`}
            action={{ pending: test.pending, run: () => test.run(row) }}
          >
            {test.name ?? "Test"}
          </Button>
        )}
        {mayChange(row) && (
          <>
            <Button size="sm" aria-label={`Change ${nameOf(row)}`} onClick={() => setEditing(row)}>
              Change
            </Button>
            <Button
              size="sm"
              look="danger"
              aria-label={`Remove ${nameOf(row)}`}
              onClick={() => setAsked(row)}
            >
              Remove
            </Button>
          </>
        )}
      </span>
    ),
  };
  const isOff = disabledReason !== undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <ViewOnly why={disabledReason} />
      <ActionProblem failure={failure} retryable />
      {rows?.length === 0 ? (
        <Empty card title={empty.title}>
          {empty.text}
        </Empty>
      ) : (
        <Card>
          <DataTable
            caption={caption}
            stack
            busy={rows === undefined}
            rows={rows ?? []}
            rowKey={rowKey}
            {...(rowProps && { rowProps })}
            columns={isOff ? columns : [...columns, actions]}
          />
        </Card>
      )}
      {!isOff && (
        <Form
          key={editing ? rowKey(editing) : "new"}
          editing={editing}
          onDone={() => setEditing(undefined)}
        />
      )}
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Remove “${asked ? nameOf(asked) : ""}”?`}
        confirm={removal.confirm}
        cancel="Keep it"
        onConfirm={() => asked && removal.run(asked)}
      >
        {removal.text}
      </Confirm>
    </div>
  );
}
