"use client";

import { useFormat } from "#client/locale.tsx";
import { useHydrated } from "#client/use-browser.ts";
import type { ListedSession } from "#domain/session.ts";
import { Chip } from "../ui/chip.tsx";
import { StatusChip } from "../ui/status-chip.tsx";

/** How a session stands; of one that was imported that it was, since nothing else becomes of it. */
export function SessionStatus({
  session: { status, waitingFor, waitDetail, queuePlace, importedAt, userName },
  testId,
}: {
  session: Pick<
    ListedSession,
    "status" | "waitingFor" | "waitDetail" | "queuePlace" | "importedAt" | "userName"
  >;
  testId?: string;
}) {
  const f = useFormat();
  const known = useHydrated();
  if (importedAt === null)
    return (
      <StatusChip
        status={status}
        waitingFor={waitingFor}
        waitDetail={waitDetail}
        queuePlace={queuePlace}
        {...(testId !== undefined && { testId })}
      />
    );
  return (
    <span title={known ? `${userName} imported it ${f.exact(importedAt)}. It can only be read.` : undefined}>
      <Chip glyph="stopped" data-testid={testId} data-status="imported">
        Imported
      </Chip>
    </span>
  );
}
