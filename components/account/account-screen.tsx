import { Download } from "lucide-react";
import { type Role, roleAtLeast } from "../../lib/domain/roles.ts";
import { PageHead } from "../settings/page-head.tsx";
import { Notice } from "../ui/notice.tsx";
import { DeleteAccount } from "./delete-account.tsx";
import { PasswordForm } from "./password-form.tsx";
import { account as t } from "../../lib/client/messages/account.ts";
import { fill } from "../../lib/client/messages/text.ts";

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
      <PageHead title={t.account}>
        {name}, {email}
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {clerk ? (
          <Notice tone="info" title={t.clerkKeepsThisAccount}>
            <p>{t.thePasswordAndTheAccounts}</p>
          </Notice>
        ) : (
          <PasswordForm organizationId={organization?.externalId} />
        )}
        <section className="card" aria-labelledby="your-data">
          <div className="card-head">
            <h2 id="your-data">{t.data}</h2>
          </div>
          <div className="card-body grid gap-4">
            {organization ? <Exports name={organization.name} role={organization.role} /> : <NoData />}
          </div>
        </section>
        {!clerk && <DeleteAccount />}
      </div>
    </>
  );
}

function NoData() {
  return <p className="text-ink-2">{t.youWorkInNoOrganization}</p>;
}

function Exports({ name, role }: { name: string; role: Role }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-72 text-ink-2">{fill(t.yourProfileWhereYouAre, { name })}</p>
        <a className="btn" href="/api/v1/account/export" download>
          <Download className="i i-sm" aria-hidden="true" />
          {t.downloadYourData}
        </a>
      </div>
      {roleAtLeast(role, "admin") && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-72 text-ink-2">{fill(t.allOfNameARow, { name })}</p>
          <a className="btn" href="/api/v1/organization/export" download>
            <Download className="i i-sm" aria-hidden="true" />
            {t.downloadTheOrganizationsData}
          </a>
        </div>
      )}
    </>
  );
}
