"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { restoreAgentVersion } from "#client/agents.ts";
import { type AgentVersionRow, useAgentVersions } from "#client/live-agents.ts";
import { AgentChanges, agentFieldName } from "../common/agent-changes.tsx";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** What an agent was told to be, version by version, and the way back to each. */
export function AgentVersions({ agentId, mayChange }: { agentId: string; mayChange: boolean }) {
  const pages = useAgentVersions(agentId);
  const [asked, setAsked] = useState<number>();
  const restore = useAction(
    async (version: number) => await restoreAgentVersion(agentId, version),
    "Couldn't restore the version",
  );
  const newest = pages.rows[0]?.revision;
  return (
    <Card aria-labelledby="agent-versions">
      <CardHead id="agent-versions" title="Versions" />
      <ActionProblem failure={restore.failure} />
      <ol aria-label="Versions" aria-busy={pages.loading}>
        {pages.rows.map((row) => (
          <Version
            key={row.revision}
            row={row}
            isNewest={row.revision === newest}
            onRestore={mayChange ? () => setAsked(row.revision) : undefined}
            pending={restore.pending}
          />
        ))}
      </ol>
      <MoreRows pages={pages} names={{ one: "version", other: "versions" }} />
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Restore version ${asked ?? ""}?`}
        confirm="Restore version"
        cancel="Cancel"
        onConfirm={() => asked !== undefined && restore.run(asked)}
      >
        The agent becomes what it was then, as a new version. Its rules stay as they are, and sessions that
        have started keep their version.
      </Confirm>
    </Card>
  );
}

/** What a version did, in a few words. */
function summary({ changes, restoredFrom }: AgentVersionRow): string {
  if (restoredFrom !== null) return `Restored version ${restoredFrom}`;
  if (changes === null) return "The first version that is kept";
  return `Changed ${changes.map(({ field }) => agentFieldName(field).toLowerCase()).join(", ")}`;
}

function Version({
  row,
  isNewest,
  onRestore,
  pending,
}: {
  row: AgentVersionRow;
  isNewest: boolean;
  onRestore: (() => void) | undefined;
  pending: boolean;
}) {
  const { revision, authorName, at, changes } = row;
  return (
    <li className="border-b border-line px-3.5 py-2">
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <span className="font-medium">Version {revision}</span>
        {isNewest && <span className="text-small text-ink-2">current</span>}
        <span className="text-small text-ink-3">
          {authorName !== null && <>{authorName === "" ? "Someone who left" : authorName}, </>}
          <Ago at={at} />
        </span>
        {!isNewest && onRestore && (
          <Button
            size="sm"
            className="ml-auto"
            aria-label={`Restore version ${revision}`}
            action={{ pending, run: onRestore }}
          >
            Restore
          </Button>
        )}
      </div>
      {changes !== null && changes.length > 0 ? (
        <details className="mt-0.5">
          <summary className="w-fit cursor-pointer text-small text-ink-2">{summary(row)}</summary>
          <div className="mt-2">
            <AgentChanges changes={changes} />
          </div>
        </details>
      ) : (
        <p className="mt-0.5 text-small text-ink-2">{summary(row)}</p>
      )}
    </li>
  );
}
