"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import {
  type McpServerRow,
  removeMcpServer,
  testMcpServer,
  updateMcpServer,
  useMcpServers,
} from "#client/mcp.ts";
import { plural } from "#domain/plural.ts";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { EditableList } from "./editable-list.tsx";
import { McpForm } from "./mcp-form.tsx";
import { type BroughtBack, McpSignedIn, McpSignIn } from "./mcp-sign-in.tsx";
import { McpToolsDialog } from "./mcp-tools.tsx";
import { PageHead } from "./page-head.tsx";

/** The organization's MCP servers. */
export function McpScreen({
  disabledReason,
  back,
}: {
  disabledReason: string | undefined;
  back: BroughtBack | undefined;
}) {
  return (
    <>
      <PageHead title="MCP servers">
        Tools that agents get beside their own. Agents get the tools that you approve, as they are then: where
        a server changes one, agents don't get it until you've seen what changed.
      </PageHead>
      {back && <McpSignedIn back={back} />}
      <Live refused="Couldn't load the MCP servers" meanwhile="sessions keep the ones they have">
        <Servers disabledReason={disabledReason} />
      </Live>
    </>
  );
}

/** How a server is reached, in words. */
const placeOf = ({ transport, command, args = [], url }: McpServerRow) =>
  transport === "stdio" ? [command, ...args].join(" ") : url;

const isChanged = ({ approvedDigest, foundDigest }: McpServerRow) =>
  approvedDigest !== undefined && foundDigest !== undefined && approvedDigest !== foundDigest;

function stateOf(row: McpServerRow): { name: string; tone: "success" | "warning" | "danger" | "neutral" } {
  if (row.signIn === "lost") return { name: "Sign-in ended", tone: "danger" };
  if (row.enabled && isChanged(row)) return { name: "Tools changed", tone: "warning" };
  if (row.status === "error")
    return { name: row.enabled ? "On, not working" : "Not working", tone: "danger" };
  if (row.enabled) return { name: "On", tone: "success" };
  return row.status === "connected"
    ? { name: "Off", tone: "neutral" }
    : { name: "Not tested", tone: "warning" };
}

function Servers({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useMcpServers();
  const [shown, setShown] = useState<string>();
  const remove = useAction(removeMcpServer, "Couldn't remove the server");
  const test = useAction(async (id: string) => {
    const { success } = await testMcpServer(id);
    if (success) setShown(id);
  }, "Couldn't test the server");
  const turnOff = useAction(
    async (id: string) => await updateMcpServer(id, { enabled: false }),
    "Couldn't turn the server off",
  );
  const columns: Column<McpServerRow>[] = [
    {
      name: "Server",
      isRowName: true,
      className: "fact max-w-[160px] wrap-anywhere max-sm:basis-full",
      render: ({ name }) => name,
    },
    {
      name: "Runs as",
      className: "max-w-[320px] wrap-anywhere",
      render: (row) => (
        <span className="grid gap-0.5">
          <span>{row.transport === "stdio" ? "In each sandbox" : "Through Studio"}</span>
          <span className="fact line-clamp-2 text-small text-ink-2" title={placeOf(row)}>
            {placeOf(row)}
          </span>
        </span>
      ),
    },
    {
      name: "Tools",
      className: "whitespace-nowrap",
      render: (row) =>
        row.foundDigest === undefined ? (
          "Not known yet"
        ) : (
          <Button size="sm" look="quiet" aria-label={toolsLabel(row)} onClick={() => setShown(row.id)}>
            {toolsText(row)}
          </Button>
        ),
    },
    {
      name: "State",
      className: "max-sm:basis-full",
      render: (row) => (
        <span className="grid justify-items-start gap-1">
          <Chip tone={stateOf(row).tone}>{stateOf(row).name}</Chip>
          {row.statusDetail !== undefined && (
            <span
              className="line-clamp-3 max-w-[260px] text-small wrap-anywhere text-ink-2"
              title={row.statusDetail}
            >
              {row.statusDetail}
            </span>
          )}
          {row.transport !== "stdio" && disabledReason === undefined && <McpSignIn row={row} />}
          {row.enabled && disabledReason === undefined && (
            <Button
              size="sm"
              look="quiet"
              aria-label={`Turn off ${row.name}`}
              action={{ pending: turnOff.pending, run: () => turnOff.run(row.id) }}
            >
              Turn off
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <EditableList
        caption="MCP servers"
        rows={rows}
        rowKey={({ id }) => id}
        nameOf={({ name }) => name}
        columns={columns}
        disabledReason={disabledReason}
        failure={remove.failure ?? test.failure ?? turnOff.failure}
        empty={{
          title: "No MCP servers yet",
          text: "Add one below, or take one that's well known. Its tools are shown to you before any agent gets them.",
        }}
        test={{ pending: test.pending, run: ({ id }) => test.run(id) }}
        form={McpForm}
        removal={{
          confirm: "Remove server",
          text: "Sessions that have it can no longer use it, and its secrets can't be restored.",
          run: ({ id }) => remove.run(id),
        }}
      />
      {shown !== undefined && (
        <McpToolsDialog
          serverId={shown}
          mayChange={disabledReason === undefined}
          onClose={() => setShown(undefined)}
        />
      )}
    </>
  );
}

const toolsText = ({ toolsCount }: Pick<McpServerRow, "toolsCount">) =>
  `${toolsCount} ${plural(toolsCount, "tool", "tools")}`;
const toolsLabel = ({ name, toolsCount }: McpServerRow) => `${toolsText({ toolsCount })} of ${name}`;
