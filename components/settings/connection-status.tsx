import { Chip } from "../ui/chip.tsx";
import type { Column } from "../ui/data-table.tsx";

const STATUSES = {
  active: { name: "Connected", tone: "success" },
  inactive: { name: "Not tested", tone: "warning" },
  error: { name: "Refused", tone: "danger" },
} as const;

export interface Tested {
  slug: string;
  status: keyof typeof STATUSES;
  statusDetail: string | null;
}

/** The column that names a connection to another server. */
export const slugColumn = <Row extends Tested>(name: string): Column<Row> => ({
  name,
  isRowName: true,
  className: "fact max-w-[200px] wrap-anywhere max-sm:basis-full",
  render: ({ slug }) => slug,
});

/** The column that says what the last test of a connection found, or that its server refused it since. */
export const statusColumn = <Row extends Tested>(): Column<Row> => ({
  name: "Status",
  className: "max-sm:basis-full",
  render: ({ status, statusDetail }) => (
    <span className="grid justify-items-start gap-1">
      <Chip tone={STATUSES[status].tone}>{STATUSES[status].name}</Chip>
      {statusDetail !== null && <span className="text-small text-ink-2">{statusDetail}</span>}
    </span>
  ),
});
