"use client";

import { GitBranch } from "lucide-react";
import Link from "next/link";
import { useFormat } from "#client/locale.tsx";
import { useHydrated } from "#client/use-browser.ts";
import { BRANCH_OF } from "#domain/branches.ts";
import type { ListedSession } from "#domain/session.ts";
import { Icon } from "../ui/icon.tsx";

/** How large a session's saved work is; nothing where nothing is saved. */
export function SavedWork({
  of: { savedAt, savedBytes },
}: {
  of: Pick<ListedSession, "savedAt" | "savedBytes">;
}) {
  const f = useFormat();
  const known = useHydrated();
  if (savedAt === null || savedBytes === null) return null;
  return <span title={known ? `Saved ${f.exact(savedAt)}` : undefined}>{f.bytes(savedBytes)} saved</span>;
}

/** Of a branch: the session that it comes from. */
export function BranchOf({
  session: { parentSessionId, parentTitle },
}: {
  session: Pick<ListedSession, "parentSessionId" | "parentTitle">;
}) {
  if (parentSessionId === null) return null;
  return (
    <Link
      href={`/studio/${parentSessionId}`}
      className="flex min-h-6 items-center gap-1 text-small text-ink-3 underline-offset-3 hover:underline"
    >
      <Icon as={GitBranch} size="xs" />
      <span className="truncate">{`${BRANCH_OF}${parentTitle ?? ""}`}</span>
    </Link>
  );
}
