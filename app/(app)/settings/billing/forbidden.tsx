import { NoRight } from "../../../../components/common/no-right.tsx";

export default function BillingForbidden() {
  return (
    <NoRight
      title="Viewers can't see billing"
      why="Members see balance and usage; admins also see the ledger. Ask an admin to change your role."
    />
  );
}
