import { NoAccess } from "#components/common/no-access.tsx";

export default function BillingForbidden() {
  return (
    <NoAccess
      title="Viewers can't see billing"
      why="Members see balance and usage; admins also see the ledger. Ask an admin to change your role."
    />
  );
}
