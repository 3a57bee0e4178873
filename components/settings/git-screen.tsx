"use client";

import { type GitConnectionRow, useGitConnections } from "#client/live-settings.ts";
import { removeGitConnection, testGitConnection } from "#client/settings.ts";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { ConnectionList } from "./connection-list.tsx";
import { GitForm } from "./git-form.tsx";
import { PageHead } from "./page-head.tsx";

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

function Connections({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useGitConnections();
  const columns: Column<GitConnectionRow>[] = [
    { name: "Server", className: "fact wrap-anywhere", render: ({ baseUrl }) => baseUrl },
    {
      name: "Repositories",
      className: "fact max-w-[280px] wrap-anywhere",
      render: ({ repositories }) => repositories.join(", "),
    },
  ];
  return (
    <ConnectionList
      caption="Git connections"
      one="connection"
      rows={rows}
      columns={columns}
      disabledReason={disabledReason}
      test={testGitConnection}
      remove={removeGitConnection}
      removalText="Running sessions can no longer fetch from it and push to it, and its credential can't be restored."
      empty={{
        title: "No connections yet",
        text: "Connect GitHub or any git server over HTTPS with a token. Sessions can then start from its repositories.",
      }}
      form={GitForm}
    />
  );
}
