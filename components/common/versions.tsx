"use client";

import { type ReactNode, useId, useState } from "react";
import type { Action } from "#client/action.ts";
import type { Pages } from "#client/live-settings.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** A version as the list shows it. */
interface Version {
  number: number;
  isCurrent: boolean;
  mayRestore: boolean;
  /** Beside its number: what became of it, who made it and when. */
  facts: ReactNode;
  /** Below it: what it changed. */
  changes: ReactNode;
}

/** What something was, version by version, and the way back to each. */
export function Versions<Row>({
  pages,
  versionOf,
  restore,
  typed,
  children,
}: {
  pages: Pages<Row>;
  versionOf: (row: Row) => Version;
  restore: Action<[number]>;
  /** What a person types before a version is restored. */
  typed?: string | undefined;
  /** What restoring one does. */
  children: ReactNode;
}) {
  const id = useId();
  const [asked, setAsked] = useState<number>();
  return (
    <Card aria-labelledby={id}>
      <CardHead id={id} title="Versions" />
      <ActionProblem failure={restore.failure} />
      <ol aria-label="Versions" aria-busy={pages.loading}>
        {pages.rows.map(versionOf).map(({ number, isCurrent, mayRestore, facts, changes }) => (
          <li key={number} className="border-b border-line px-3.5 py-2">
            <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
              <span className="font-medium">Version {number}</span>
              {isCurrent && <span className="text-small text-ink-2">current</span>}
              {facts}
              {mayRestore && (
                <Button
                  size="sm"
                  className="ml-auto"
                  aria-label={`Restore version ${number}`}
                  action={{ pending: restore.pending, run: () => setAsked(number) }}
                >
                  Restore
                </Button>
              )}
            </div>
            {changes}
          </li>
        ))}
      </ol>
      <MoreRows pages={pages} names={{ one: "version", other: "versions" }} />
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Restore version ${asked ?? ""}?`}
        confirm="Restore version"
        cancel="Cancel"
        typed={typed}
        onConfirm={() => asked !== undefined && restore.run(asked)}
      >
        {children}
      </Confirm>
    </Card>
  );
}
