import type { ReadPages } from "#client/operator.ts";
import { PagedTable } from "../ui/data-table.tsx";
import { ReadProblem } from "../ui/loaded.tsx";

/** A table of the console's within a card, or why it couldn't be read: of what nobody could read, nothing is said to be empty. */
export function ReadTable<Row>({
  problem,
  pages,
  ...table
}: {
  /** What is said where it couldn't be read. */
  problem: string;
  pages: ReadPages<Row>;
} & Parameters<typeof PagedTable<Row>>[0]) {
  const wasRead = pages.problem === undefined || pages.rows.length > 0;
  return (
    <>
      <div className="empty:hidden [&>*]:m-3">
        <ReadProblem of={pages} title={problem} />
      </div>
      {wasRead && <PagedTable pages={pages} {...table} />}
    </>
  );
}
