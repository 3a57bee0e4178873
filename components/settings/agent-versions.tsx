"use client";

import { useAction } from "#client/action.ts";
import { restoreAgentVersion } from "#client/agents.ts";
import { type AgentVersionRow, useAgentVersions } from "#client/live-agents.ts";
import { AgentChanges, agentFieldName } from "../common/agent-changes.tsx";
import { Ago } from "../common/ago.tsx";
import { Versions } from "../common/versions.tsx";

/** What an agent was told to be, version by version, and the way back to each. */
export function AgentVersions({ agentId, mayChange }: { agentId: string; mayChange: boolean }) {
  const pages = useAgentVersions(agentId);
  const restore = useAction(
    async (version: number) => await restoreAgentVersion(agentId, version),
    "Couldn't restore the version",
  );
  const newest = pages.rows[0]?.revision;
  return (
    <Versions
      pages={pages}
      restore={restore}
      versionOf={(row) => ({
        number: row.revision,
        isCurrent: row.revision === newest,
        mayRestore: mayChange && row.revision !== newest,
        facts: (
          <span className="text-small text-ink-3">
            {row.authorName !== null && <>{row.authorName === "" ? "Someone who left" : row.authorName}, </>}
            <Ago at={row.at} />
          </span>
        ),
        changes: <Changes row={row} />,
      })}
    >
      The agent becomes what it was then, as a new version. Its rules stay as they are, and sessions that have
      started keep their version.
    </Versions>
  );
}

/** What a version did, in a few words. */
function summary({ changes, restoredFrom }: AgentVersionRow): string {
  if (restoredFrom !== null) return `Restored version ${restoredFrom}`;
  if (changes === null) return "The first version that is kept";
  return `Changed ${changes.map(({ field }) => agentFieldName(field).toLowerCase()).join(", ")}`;
}

function Changes({ row }: { row: AgentVersionRow }) {
  const { changes } = row;
  if (changes === null || changes.length === 0)
    return <p className="mt-0.5 text-small text-ink-2">{summary(row)}</p>;
  return (
    <details className="mt-0.5">
      <summary className="w-fit cursor-pointer text-small text-ink-2">{summary(row)}</summary>
      <div className="mt-2">
        <AgentChanges changes={changes} />
      </div>
    </details>
  );
}
