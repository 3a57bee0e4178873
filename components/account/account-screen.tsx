import { Download } from "lucide-react";
import { type Role, roleAtLeast } from "../../lib/domain/roles.ts";
import { PageHead } from "../settings/page-head.tsx";
import { Notice } from "../ui/notice.tsx";
import { DeleteAccount } from "./delete-account.tsx";
import { PasswordForm } from "./password-form.tsx";

/** A person's own account. @param clerk Clerk signs people in, and has its own pages for passwords */
export function AccountScreen({
  name,
  email,
  clerk,
  organization,
}: {
  name: string;
  email: string;
  clerk: boolean;
  organization: { externalId: string; name: string; role: Role } | null;
}) {
  return (
    <>
      <PageHead title="Account">
        {name}, {email}
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {clerk ? (
          <Notice tone="info" title="This account is managed in Clerk">
            <p>Change your password or delete your account in your profile at Clerk.</p>
          </Notice>
        ) : (
          <PasswordForm organizationId={organization?.externalId} />
        )}
        <section className="card" aria-labelledby="your-data">
          <div className="card-head">
            <h2 id="your-data">Data</h2>
          </div>
          <div className="card-body grid gap-4">
            {organization ? <DataExport name={organization.name} role={organization.role} /> : <NoData />}
          </div>
        </section>
        {!clerk && <DeleteAccount />}
      </div>
    </>
  );
}

function NoData() {
  return (
    <p className="text-ink-2">
      You aren't in an organization, so Studio only has your name and email address.
    </p>
  );
}

function DataExport({ name, role }: { name: string; role: Role }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-72 text-ink-2">
          Your profile, your memberships, and your sessions in {name} with their totals, as JSON.
        </p>
        <a className="btn" href="/api/v1/account/export" download>
          <Download className="i i-sm" aria-hidden="true" />
          Download your data
        </a>
      </div>
      {roleAtLeast(role, "admin") && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-72 text-ink-2">
            Everything in {name} as JSON Lines: members, sessions, runs, events, approvals, usage, ledger,
            keys without their secrets, audit log, project. The last line has type “end”.
          </p>
          <a className="btn" href="/api/v1/organization/export" download>
            <Download className="i i-sm" aria-hidden="true" />
            Download organization data
          </a>
        </div>
      )}
    </>
  );
}
