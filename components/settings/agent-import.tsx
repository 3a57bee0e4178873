"use client";

import Link from "next/link";
import { useId, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { type ImportedAgent, importAgent } from "#client/agents.ts";
import { agentFieldName } from "../common/agent-changes.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Takes an agent over from a file. */
export function AgentImport() {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [taken, setTaken] = useState<ImportedAgent>();
  const importing = useAction(async (file: File) => {
    setTaken(undefined);
    setTaken(await importAgent(file));
  }, "Couldn't import the agent");
  const fields = importing.failure?.error.fields ?? [];
  return (
    <Card aria-labelledby={id}>
      <CardHead id={id} title="Import an agent" />
      <div className="grid gap-3 p-3.5">
        <p className="text-ink-2">From a file that was exported from an agent&apos;s page.</p>
        <input
          ref={input}
          type="file"
          className="sr-only"
          aria-label="File of an agent"
          tabIndex={-1}
          accept="application/json,.json"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            // The same file can be chosen again.
            currentTarget.value = "";
            if (file) importing.run(file);
          }}
        />
        <div>
          <Button off={importing.pending} onClick={() => input.current?.click()}>
            {importing.pending ? "Importing" : "Choose a file"}
          </Button>
        </div>
        <ActionProblem failure={importing.failure} />
        {fields.length > 1 && (
          <ul className="text-small text-ink-2">
            {fields.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <span className="fact">{path}</span>: {message}
              </li>
            ))}
          </ul>
        )}
        {taken && <Taken {...taken} />}
      </div>
    </Card>
  );
}

/** What was imported, and what of it there is none of here. */
function Taken({ agent, missing }: ImportedAgent) {
  return (
    <Notice tone="info" title={`Imported ${agent.name}`}>
      {missing.length > 0 && (
        <>
          <p>These don&apos;t exist here, so they were left out:</p>
          <ul>
            {missing.map(({ field, name }) => (
              <li key={`${field} ${name}`}>
                {agentFieldName(field)}: <span className="fact">{name}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <Link className="link" href={`/settings/agents/${agent.id}`}>
          Open the agent
        </Link>
      </p>
    </Notice>
  );
}
