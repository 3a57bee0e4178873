"use client";

import { useAction } from "#client/action.ts";
import { type GitConnectionRow, useGitConnections } from "#client/live-settings.ts";
import { removeGitConnection, testGitConnection } from "#client/settings.ts";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { slugColumn, statusColumn } from "./connection-status.tsx";
import { EditableList } from "./editable-list.tsx";
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
  const remove = useAction(removeGitConnection, "Couldn't remove the connection");
  const test = useAction(testGitConnection, "Couldn't test the connection");
  const columns: Column<GitConnectionRow>[] = [
    slugColumn("Connection"),
    { name: "Server", className: "fact wrap-anywhere", render: ({ baseUrl }) => baseUrl },
    {
      name: "Repositories",
      className: "fact max-w-[280px] wrap-anywhere",
      render: ({ repositories }) => repositories.join(", "),
    },
    statusColumn(),
  ];
  return (
    <EditableList
      caption="Git connections"
      rows={rows}
      rowKey={({ slug }) => slug}
      nameOf={({ slug }) => slug}
      columns={columns}
      disabledReason={disabledReason}
      failure={remove.failure ?? test.failure}
      empty={{
        title: "No connections yet",
        text: "Connect GitHub or any git server over HTTPS with a token. Sessions can then start from its repositories.",
      }}
      test={{ pending: test.pending, run: ({ slug }) => test.run(slug) }}
      form={GitForm}
      removal={{
        confirm: "Remove connection",
        text: "Running sessions can no longer fetch from it and push to it, and its credential can't be restored.",
        run: ({ slug }) => remove.run(slug),
      }}
    />
  );
}
