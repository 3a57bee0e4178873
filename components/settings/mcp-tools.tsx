"use client";

import { useAction } from "#client/action.ts";
import { type McpTools, readMcpTools, updateMcpServer } from "#client/mcp.ts";
import { useResource } from "#client/resource.ts";
import { plural } from "#domain/plural.ts";
import { hasHidden, visible } from "#domain/visible.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Chip } from "../ui/chip.tsx";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { McpCalls } from "./mcp-calls.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

type Tool = NonNullable<McpTools["found"]>[number];
type Changes = McpTools["changes"];

/** What a server offers, with what differs from what was approved, before agents get it. */
export function McpToolsDialog({
  serverId,
  mayChange,
  onClose,
}: {
  serverId: string;
  mayChange: boolean;
  onClose: () => void;
}) {
  const read = useResource(["mcp-tools", serverId], async () => await readMcpTools(serverId), {
    forget: true,
  });
  const approve = useAction(async (seen: string) => {
    await updateMcpServer(serverId, { enabled: true, tools_digest: seen });
    onClose();
  }, "Couldn't turn the server on");
  const server = read.data?.server;
  const seen = server?.tools_digest;
  const isCurrent = server?.enabled === true && !server.has_changed;
  return (
    <Dialog
      title={
        <DialogTitle className="text-base font-semibold">
          {server ? `Tools of ${server.name}` : "Tools"}
        </DialogTitle>
      }
      onClose={onClose}
      className="w-[640px]"
    >
      <p className="mt-1 text-ink-2">
        Agents read these descriptions as they stand here. Look for instructions that have nothing to do with
        the tool.
      </p>
      <div className="mt-3">
        <McpCalls serverId={serverId} />
      </div>
      <div className="mt-3 min-h-24">
        <Loaded
          resource={read}
          loading={<Loading>Reading the tools</Loading>}
          failed="Couldn't read the tools"
        >
          {({ found, approved, changes }) => (
            <ScrollRegion className="max-h-[52vh] overflow-auto" landmark={false} label="Tools">
              <Differences changes={changes} />
              <ToolList tools={found ?? approved ?? []} before={approved} changes={changes} />
            </ScrollRegion>
          )}
        </Loaded>
      </div>
      <ActionProblem failure={approve.failure} />
      <div className="mt-4 flex flex-wrap gap-2">
        <DialogClose className={buttonClass()}>Close</DialogClose>
        {mayChange && seen && !isCurrent && (
          <Button
            look="primary"
            action={{ pending: approve.pending, run: () => approve.run(seen) }}
            busy="Turning on"
          >
            {server.enabled ? "Approve these tools" : "Approve and turn on"}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Differences({ changes }: { changes: Changes }) {
  if (!changes) return null;
  const { added, removed, changed } = changes;
  const parts = [
    added.length > 0 && `${added.length} new`,
    changed.length > 0 && `${changed.length} changed`,
    removed.length > 0 && `${removed.length} gone (${removed.join(", ")})`,
  ].filter((part) => part !== false);
  return (
    <Notice tone="warning" title="Not what was approved">
      {parts.join(", ")}. Until you approve {plural(added.length + changed.length, "it", "them")}, agents
      don't get what is new or changed.
    </Notice>
  );
}

function ToolList({
  tools,
  before,
  changes,
}: {
  tools: readonly Tool[];
  before: readonly Tool[] | null;
  changes: Changes;
}) {
  if (tools.length === 0) return <p className="text-ink-2">It offers no tools.</p>;
  return (
    <ul aria-label="Tools" className="mt-2 grid gap-3">
      {tools.map((tool) => {
        const change = changes?.changed.find(({ name }) => name === tool.name);
        const was = change && before?.find(({ name }) => name === tool.name);
        return (
          <li key={tool.name} className="grid gap-1 border-b border-line pb-3 last:border-b-0">
            <span className="flex flex-wrap items-center gap-2">
              <span className="fact font-medium wrap-anywhere">{tool.name}</span>
              {changes?.added.includes(tool.name) && <Chip tone="warning">New</Chip>}
              {change && (
                <Chip tone="warning">
                  Changed: {change.parts.map((part) => PARTS[part] ?? part).join(", ")}
                </Chip>
              )}
              {hasHidden(JSON.stringify([tool.title, tool.description, tool.input_schema])) && (
                <Chip tone="danger">Has hidden characters</Chip>
              )}
              {tool.read_only === true && <Chip tone="neutral">Says it only reads</Chip>}
            </span>
            {was && was.description !== tool.description && (
              <p className="text-small whitespace-pre-wrap wrap-anywhere text-ink-3">
                <del>{visible(was.description ?? "No description")}</del>
              </p>
            )}
            <p className="text-small whitespace-pre-wrap wrap-anywhere text-ink-2">
              {visible(tool.description ?? "No description")}
            </p>
            <details className="text-small text-ink-2">
              <summary className="min-h-6 cursor-pointer touch:min-h-11">Arguments</summary>
              <pre className="fact mt-1 whitespace-pre-wrap wrap-anywhere">
                {visible(JSON.stringify(tool.input_schema, null, 2))}
              </pre>
            </details>
          </li>
        );
      })}
    </ul>
  );
}

const PARTS: Record<string, string> = {
  title: "title",
  description: "description",
  inputSchema: "arguments",
  annotations: "hints",
};
