"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { checkSandbox, type WallCheck } from "#client/sandbox.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

function resultOf({ held }: WallCheck): string {
  if (held === null) return "Not tried";
  return held ? "Refused" : "Went through";
}

/** Shows what the sandbox is refused, by trying it there. */
export function WallChecks() {
  const { session, disabledReason } = useOpened();
  const [checks, setChecks] = useState<WallCheck[]>();
  const check = useAction(async () => {
    setChecks((await checkSandbox(session.id)).checks);
  }, "Couldn't try the sandbox's walls");
  const held = checks?.filter((one) => one.held === true).length ?? 0;
  return (
    <section className="grid content-start gap-2 lg:col-span-2" aria-label="Walls">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          size="sm"
          off={check.pending || disabledReason.drive !== undefined}
          title={disabledReason.drive}
          onClick={() => check.run()}
        >
          {check.pending ? "Trying the walls…" : "Try the walls"}
        </Button>
        <output className="text-small text-ink-2">
          {check.pending
            ? "A program in the sandbox tries to get out. This takes up to half a minute."
            : checks
              ? `${held} of ${checks.length} attempts were refused.`
              : "Run a program in the sandbox that tries to get out, and see what refuses it."}
        </output>
      </div>
      <ActionProblem failure={check.failure} />
      {checks && (
        <DataTable
          caption="What the sandbox is refused"
          rows={checks}
          rowKey={({ id }) => id}
          columns={[
            { name: "Wall", render: ({ title }) => title },
            { name: "Attempt", className: "text-small text-ink-2", render: ({ attempt }) => attempt },
            {
              name: "Result",
              render: (one) => (
                <span className={one.held === false ? "text-danger" : ""}>{resultOf(one)}</span>
              ),
            },
            {
              name: "Refused by",
              className: "text-small text-ink-2",
              render: ({ reasons }) => reasons.join("; ") || "none",
            },
          ]}
        />
      )}
    </section>
  );
}
