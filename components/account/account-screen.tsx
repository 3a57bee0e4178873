import { Download } from "lucide-react";
import { type Role, roleAtLeast } from "#domain/roles.ts";
import { PageHead } from "../settings/page-head.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { Icon } from "../ui/icon.tsx";
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
        <Card aria-labelledby="your-data">
          <CardHead id="your-data" title="Data" />
          <div className="grid gap-4 p-3.5">
            {organization ? (
              <DataExport name={organization.name} role={organization.role} />
            ) : (
              <p className="text-ink-2">
                You aren't in an organization, so Studio only has your name and email address.
              </p>
            )}
          </div>
        </Card>
        {!clerk && <DeleteAccount />}
      </div>
    </>
  );
}

function DataExport({ name, role }: { name: string; role: Role }) {
  return (
    <>
      <ExportRow href="/api/v1/account/export" label="Download your data">
        Your profile, your memberships, and your sessions in {name} with their totals, as JSON.
      </ExportRow>
      {roleAtLeast(role, "admin") && (
        <ExportRow href="/api/v1/organization/export" label="Download organization data">
          Everything in {name} as JSON Lines: members, sessions, runs, events, approvals, usage, ledger, keys
          without their secrets, audit log, project. The last line has type “end”.
        </ExportRow>
      )}
    </>
  );
}

function ExportRow({ href, label, children }: { href: string; label: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="min-w-0 flex-1 basis-72 text-ink-2">{children}</p>
      <a className={buttonClass()} href={href} download>
        <Icon as={Download} size="sm" />
        {label}
      </a>
    </div>
  );
}
