"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type SetupRow, useSetupOutput } from "#client/live-settings.ts";
import { rebuildSetup } from "#client/settings.ts";
import { type BuildCause, missingVariables } from "#domain/setup.ts";
import { Ago } from "../common/ago.tsx";
import { CommandOutput } from "../session/command-output.tsx";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { SetupRefused } from "./setup-refused.tsx";

const CAUSES: Record<BuildCause, string> = {
  changed: "since the script was changed",
  manual: "as somebody asked for it",
  schedule: "as scheduled",
  stale: "since the lockfiles or the template changed",
  broken: "since the snapshot no longer started",
  policy: "since the network policy changed",
};

/** How the snapshot of a script stands, and what its last run printed. */
export function SetupStatus({ row, off }: { row: SetupRow; off: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const again = useAction(rebuildSetup, "Couldn't start it");
  const { build, preparedAt } = row;
  const isRunning = build?.status === "running";
  const missing = missingVariables(row.missing);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {missing && <Notice tone="warning" title={missing} />}
      <div className="flex flex-wrap items-center gap-2">
        <output className="inline-flex flex-wrap items-center gap-2">
          <StateChip row={row} />
          {preparedAt !== null && (
            <span className="text-small text-ink-2">
              Snapshot of <Ago at={preparedAt} />
            </span>
          )}
          {isRunning && <span className="text-small text-ink-2">{CAUSES[build.cause]}</span>}
        </output>
        <span className="ml-auto inline-flex gap-2">
          {build && (
            <Button size="sm" look="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? "Hide output" : "Show output"}
            </Button>
          )}
          {!off && (
            <Button size="sm" off={again.pending || isRunning || row.waiting} onClick={() => again.run(row)}>
              Run again
            </Button>
          )}
        </span>
      </div>
      {build?.status === "failed" && build.error !== null && (
        <Notice tone="warning" title="The last run failed">
          <p className="wrap-anywhere">{build.error}</p>
          <p>
            {preparedAt === null
              ? "New sessions run the script themselves."
              : "New sessions begin with the snapshot before it."}
          </p>
        </Notice>
      )}
      <SetupRefused row={row} off={off} />
      <ActionProblem failure={again.failure} />
      {isOpen && <Output row={row} />}
    </div>
  );
}

function StateChip({ row: { build, waiting, preparedAt } }: { row: SetupRow }) {
  if (build?.status === "running")
    return (
      <Chip tone="info" glyph="provisioning" data-testid="setup-state">
        Running
      </Chip>
    );
  if (waiting)
    return (
      <Chip tone="info" data-testid="setup-state">
        Starting soon
      </Chip>
    );
  return preparedAt === null ? (
    <Chip tone="neutral" data-testid="setup-state">
      No snapshot
    </Chip>
  ) : (
    <Chip tone="success" data-testid="setup-state">
      Ready
    </Chip>
  );
}

function Output({ row: { environment, scope } }: { row: SetupRow }) {
  const text = useSetupOutput({ environment, scope });
  return (
    <ScrollRegion
      label="Output of the last run"
      landmark={false}
      className="max-h-80 overflow-auto rounded-sm border border-line bg-sunken p-3 font-mono text-small whitespace-pre-wrap wrap-anywhere"
    >
      {text === undefined ? "" : text === "" ? "No output" : <CommandOutput text={text} />}
    </ScrollRegion>
  );
}
