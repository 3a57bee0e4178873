"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { endProcess, type LeftProcess, listProcesses } from "#client/sandbox.ts";
import { serverNow } from "#client/server-clock.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const EVERY_MS = 5_000;

/** What commands have left running, such as a development server, what runs in terminals, and how to end it. */
export function LeftRunning() {
  const f = useFormat();
  const { session, disabledReason } = useOpened();
  const [asking, setAsking] = useState<LeftProcess>();
  const left = useResource(["processes", session.id], async () => await listProcesses(session.id), {
    everyMs: EVERY_MS,
  });
  const end = useAction(async (pid: number) => {
    await endProcess(session.id, pid);
    left.retry();
  }, "Couldn't end the process");
  const { processes = [], truncated = false } = left.data ?? {};
  return (
    <>
      <ReadProblem of={left} title="Couldn't load what is running" />
      <ActionProblem failure={end.failure} />
      {processes.length > 0 && (
        <DataTable
          className="lg:col-span-2"
          caption="Background processes"
          rows={processes}
          rowKey={({ pid }) => String(pid)}
          columns={[
            {
              name: "Command",
              className: "mono max-w-[360px] truncate text-small",
              render: ({ command }) => <span title={command}>{command}</span>,
            },
            { name: "Begun by", render: ({ from }) => (from === "command" ? "Agent" : "Terminal") },
            { name: "Process", num: true, render: ({ pid }) => pid },
            { name: "Ports", num: true, render: ({ ports }) => ports.join(", ") || "none" },
            { name: "CPU", num: true, render: ({ cpuPercent }) => f.percent(cpuPercent) },
            { name: "Memory", num: true, render: ({ memoryBytes }) => f.bytes(memoryBytes) },
            {
              name: "Running for",
              num: true,
              render: ({ since }) => f.duration(Math.max(0, serverNow() - since)),
            },
            {
              name: "Actions",
              isNameHidden: true,
              render: (process) => (
                <Button
                  size="sm"
                  off={end.pending || disabledReason.drive !== undefined}
                  title={disabledReason.drive}
                  aria-label={`End process ${process.pid}`}
                  onClick={() => setAsking(process)}
                >
                  End
                </Button>
              ),
            },
          ]}
        />
      )}
      {truncated && <p className="text-small text-ink-2">There are more than can be listed here.</p>}
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={`End process ${asking?.pid}?`}
        confirm="End process"
        cancel="Keep it running"
        onConfirm={() => {
          if (asking) end.run(asking.pid);
        }}
      >
        It stops at once, and so does everything that it has started. The session's log says who ended it.
      </Confirm>
    </>
  );
}
