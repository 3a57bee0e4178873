import type { Metadata } from "next";
import { Inbox } from "#components/approvals/inbox.tsx";
import { crumbHereClass, PageMain, PageTop } from "#components/ui/page-frame.tsx";
import { pageMember } from "../member.ts";

export const metadata: Metadata = { title: "Approvals" };

export default async function ApprovalsPage() {
  const { member, organization } = await pageMember("/approvals");
  return (
    <PageMain>
      <PageTop above={[{ name: organization.name, hiddenOnPhone: true }]}>
        <h1 aria-current="page" className={crumbHereClass}>
          Approvals
        </h1>
      </PageTop>
      <Inbox me={{ name: member.name, role: member.role, userId: member.userId }} />
    </PageMain>
  );
}
