"use client";

import { useAction } from "#client/action.ts";
import type { Column } from "../ui/data-table.tsx";
import { slugColumn, statusColumn, type Tested } from "./connection-status.tsx";
import { EditableList } from "./editable-list.tsx";

type List<Row> = Parameters<typeof EditableList<Row>>[0];

/** Connections to other servers, by their slugs: each can be tested, changed and removed. */
export function ConnectionList<Row extends Tested>({
  one,
  columns,
  test,
  remove,
  removalText,
  ...list
}: Pick<List<Row>, "caption" | "rows" | "disabledReason" | "empty" | "form"> & {
  /** What one is called. */
  one: string;
  /** What is between its name and how it stands. */
  columns: readonly Column<Row>[];
  test: (slug: string) => Promise<unknown>;
  remove: (slug: string) => Promise<unknown>;
  removalText: string;
}) {
  const removing = useAction(remove, `Couldn't remove the ${one}`);
  const testing = useAction(test, `Couldn't test the ${one}`);
  return (
    <EditableList
      {...list}
      rowKey={({ slug }) => slug}
      nameOf={({ slug }) => slug}
      columns={[slugColumn(`${one[0]!.toUpperCase()}${one.slice(1)}`), ...columns, statusColumn()]}
      failure={removing.failure ?? testing.failure}
      test={{ pending: testing.pending, run: ({ slug }) => testing.run(slug) }}
      removal={{
        confirm: `Remove ${one}`,
        text: removalText,
        run: ({ slug }) => removing.run(slug),
      }}
    />
  );
}
