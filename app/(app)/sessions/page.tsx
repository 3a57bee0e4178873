import { Plus } from "lucide-react";
import type { Metadata } from "next";
import { ImportSession } from "#components/sessions/import-session.tsx";
import { SessionsList } from "#components/sessions/sessions-list.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { crumbHereClass, PageMain, PageTop } from "#components/ui/page-frame.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { listSessions } from "#server/sessions/read.ts";
import { pageMember } from "../member.ts";

export const metadata: Metadata = { title: "Sessions" };

export default async function SessionsPage() {
  const { member, organization } = await pageMember("/sessions");
  const { sessions, nextCursor } = await listSessions(member, { limit: 25 });
  return (
    <PageMain>
      <PageTop
        above={[{ name: organization.name, hiddenOnPhone: true }]}
        end={
          <>
            {roleAtLeast(member.role, "member") ? <ImportSession /> : <span className="ml-auto" />}
            <ButtonLink look="primary" href="/studio">
              <Icon as={Plus} />
              New session
            </ButtonLink>
          </>
        }
      >
        <h1 aria-current="page" className={crumbHereClass}>
          Sessions
        </h1>
      </PageTop>
      <div className="min-h-0 flex-1 overflow-auto px-6 pt-5 pb-8 max-sm:px-0 max-sm:pt-0">
        <SessionsList initial={{ sessions, hasMore: nextCursor !== null }} />
      </div>
    </PageMain>
  );
}
