import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { SessionsList } from "../../../components/sessions/sessions-list.tsx";
import { listSessions } from "../../../lib/server/sessions/read.ts";
import { pageMember } from "../member.ts";

export const metadata: Metadata = { title: "Sessions" };

export default async function SessionsPage() {
  const { member, organization } = await pageMember("/sessions");
  const { sessions, nextCursor } = await listSessions(member, { limit: 25 });
  return (
    <main className="main" id="main">
      <header className="top">
        <nav className="crumbs" aria-label="Breadcrumb">
          <span className="max-sm:hidden">{organization.name}</span>
          <span className="max-sm:hidden" aria-hidden="true">
            /
          </span>
          <h1 aria-current="page">Sessions</h1>
        </nav>
        <Link className="btn btn-primary ml-auto" href="/studio">
          <Plus className="i" aria-hidden="true" />
          New session
        </Link>
      </header>
      <div className="min-h-0 flex-1 overflow-auto px-6 pt-5 pb-8 max-sm:px-0 max-sm:pt-0">
        <SessionsList initial={{ sessions, hasMore: nextCursor !== null }} />
      </div>
    </main>
  );
}
