"use client";

import { Upload } from "lucide-react";
import { useProjectCounts } from "#client/live.tsx";
import { plural } from "#domain/plural.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";

/** How many changes of the project wait to be pushed, and the way to them; nothing where there are none. */
export function ChangesMark({ short = false }: { short?: boolean }) {
  const { session } = useOpened();
  const { panels } = useSessionState();
  const count = useProjectCounts(session.id)?.changes ?? 0;
  if (count === 0) return null;
  const words = `${count} ${plural(count, "change", "changes")} to push`;
  return (
    <Button size="sm" aria-label={words} title={words} onClick={() => panels.show("project")}>
      <Icon as={Upload} size="xs" />
      {short ? count : words}
    </Button>
  );
}
