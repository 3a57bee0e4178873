"use client";

import Link from "next/link";
import type { ComponentProps } from "react";
import { useAction } from "#client/action.ts";
import type { Models } from "#client/api.ts";
import { type AgentRow, useAgents } from "#client/live-agents.ts";
import { deleteAgent } from "#client/agents.ts";
import { TOOLS_LABELS } from "#client/agent-labels.ts";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { AgentImport } from "./agent-import.tsx";
import { AgentForm, FormModels, FormOrganization } from "./agent-form.tsx";
import { EditableList } from "./editable-list.tsx";
import { ProjectAgents } from "./project-agents.tsx";
import { PageHead } from "./page-head.tsx";

/** The organization's agents. */
export function AgentsScreen({
  models,
  organization,
  disabledReason,
}: {
  models: Models;
  organization: string;
  disabledReason: string | undefined;
}) {
  return (
    <>
      <PageHead title="Agents">
        What OpenCode is told to be: its model, its instructions, and how far its tools go. A session keeps
        its agent as it was when the session started.
      </PageHead>
      <Live refused="Couldn't load the agents" meanwhile="sessions can start without one">
        <FormModels value={models}>
          <FormOrganization value={organization}>
            <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
              <Agents models={models} disabledReason={disabledReason} />
              {disabledReason === undefined && <AgentImport />}
              <ProjectAgents />
            </div>
          </FormOrganization>
        </FormModels>
      </Live>
    </>
  );
}

function Agents({ models, disabledReason }: Omit<ComponentProps<typeof AgentsScreen>, "organization">) {
  const rows = useAgents();
  const remove = useAction(deleteAgent, "Couldn't delete the agent");
  const modelName = ({ provider, model }: AgentRow) =>
    models.providers.find((p) => p.id === provider)?.models.find((m) => m.id === model)?.name ?? model;
  const columns: Column<AgentRow>[] = [
    {
      name: "Agent",
      className: "max-w-[360px]",
      render: ({ id, name, description }) => (
        <>
          <Link className="link font-medium wrap-anywhere" href={`/settings/agents/${id}`}>
            {name}
          </Link>
          {description !== "" && (
            <span className="block text-small wrap-anywhere text-ink-3">{description}</span>
          )}
        </>
      ),
    },
    { name: "Model", render: modelName },
    { name: "Tools", render: ({ toolsMode }) => TOOLS_LABELS[toolsMode].name },
    { name: "Version", num: true, render: ({ revision }) => revision },
  ];
  return (
    <EditableList
      caption="Agents"
      rows={rows}
      rowKey={({ id }) => id}
      nameOf={({ name }) => name}
      columns={columns}
      disabledReason={disabledReason}
      failure={remove.failure}
      empty={{
        title: "No agents yet",
        text: "Sessions run OpenCode as it comes. Add an agent to give it a role, a model and tools of its own.",
      }}
      form={AgentForm}
      removal={{
        confirm: "Delete agent",
        text: "No session can start with it any more. Its sessions stay, and keep what it was.",
        run: ({ id }) => remove.run(id),
      }}
    />
  );
}
