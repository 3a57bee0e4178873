import type { Metadata } from "next";
import { Inbox } from "#components/approvals/inbox.tsx";
import { inboxPath, namedIn } from "#domain/deliveries.ts";
import { crumbHereClass, PageMain, PageTop } from "#components/ui/page-frame.tsx";
import { pageMember } from "../member.ts";

export const metadata: Metadata = { title: "Approvals" };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function ApprovalsPage({ searchParams }: { searchParams: Query }) {
  const asked = namedIn(await searchParams);
  const { member, organization } = await pageMember(asked ? inboxPath(asked) : "/approvals");
  return (
    <PageMain>
      <PageTop above={[{ name: organization.name, hiddenOnPhone: true }]}>
        <h1 aria-current="page" className={crumbHereClass}>
          Approvals
        </h1>
      </PageTop>
      <Inbox
        key={asked && inboxPath(asked)}
        asked={asked}
        me={{ name: member.name, role: member.role, userId: member.userId }}
      />
    </PageMain>
  );
}
