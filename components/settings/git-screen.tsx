"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type GitConnectionRow, useGitConnections } from "#client/live-settings.ts";
import { removeGitConnection, testGitConnection } from "#client/settings.ts";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { GitForm } from "./git-form.tsx";
import { PageHead } from "./page-head.tsx";
import { ViewOnly } from "./view-only.tsx";

/** The organization's ways to git servers. */
export function GitScreen({ disabledReason }: { disabledReason: string | undefined }) {
  return (
    <>
      <PageHead title="Git">
        Connections to git servers, for sessions that start from a repository. Credentials are encrypted and
        stay outside the sandboxes: git in a sandbox goes through Studio, and pushes its session's branches
        alone.
      </PageHead>
      <Live refused="Couldn't load the connections" meanwhile="sessions keep using them">
        <Connections disabledReason={disabledReason} />
      </Live>
    </>
  );
}

const STATUSES = {
  active: { name: "Connected", tone: "success" },
  inactive: { name: "Not tested", tone: "warning" },
  error: { name: "Refused", tone: "danger" },
} as const;

function Connections({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useGitConnections();
  const [editing, setEditing] = useState<GitConnectionRow>();
  const [asked, setAsked] = useState<GitConnectionRow>();
  const remove = useAction(removeGitConnection, "Couldn't remove the connection");
  const test = useAction(testGitConnection, "Couldn't test the connection");
  const isOff = disabledReason !== undefined;
  const columns: Column<GitConnectionRow>[] = [
    {
      name: "Connection",
      isRowName: true,
      className: "fact max-w-[200px] wrap-anywhere max-sm:basis-full",
      render: ({ slug }) => slug,
    },
    { name: "Server", className: "fact wrap-anywhere", render: ({ baseUrl }) => baseUrl },
    {
      name: "Repositories",
      className: "fact max-w-[280px] wrap-anywhere",
      render: ({ repositories }) => repositories.join(", "),
    },
    {
      name: "Status",
      className: "max-sm:basis-full",
      render: ({ status, statusDetail }) => (
        <span className="grid justify-items-start gap-1">
          <Chip tone={STATUSES[status].tone}>{STATUSES[status].name}</Chip>
          {statusDetail !== null && <span className="text-small text-ink-2">{statusDetail}</span>}
        </span>
      ),
    },
    ...(isOff
      ? []
      : [
          {
            name: "Actions",
            isNameHidden: true,
            className: "text-end whitespace-nowrap max-sm:ml-auto",
            render: (row: GitConnectionRow) => (
              <span className="inline-flex gap-2">
                <Button
                  size="sm"
                  aria-label={`Test ${row.slug}`}
                  action={{ pending: test.pending, run: () => test.run(row.slug) }}
                >
                  Test
                </Button>
                <Button size="sm" aria-label={`Change ${row.slug}`} onClick={() => setEditing(row)}>
                  Change
                </Button>
                <Button
                  size="sm"
                  look="danger"
                  aria-label={`Remove ${row.slug}`}
                  onClick={() => setAsked(row)}
                >
                  Remove
                </Button>
              </span>
            ),
          },
        ]),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <ViewOnly why={disabledReason} />
      <ActionProblem failure={remove.failure ?? test.failure} retryable />
      {rows?.length === 0 ? (
        <Empty card title="No connections yet">
          Connect GitHub or any git server over HTTPS with a token. Sessions can then start from its
          repositories.
        </Empty>
      ) : (
        <Card>
          <DataTable
            caption="Git connections"
            stack
            busy={rows === undefined}
            rows={rows ?? []}
            rowKey={({ slug }) => slug}
            columns={columns}
          />
        </Card>
      )}
      {!isOff && (
        <GitForm key={editing?.slug ?? "new"} editing={editing} onDone={() => setEditing(undefined)} />
      )}
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Remove “${asked?.slug ?? ""}”?`}
        confirm="Remove connection"
        cancel="Keep it"
        onConfirm={() => asked && remove.run(asked.slug)}
      >
        Running sessions can no longer fetch from it and push to it, and its credential can't be restored.
      </Confirm>
    </div>
  );
}
