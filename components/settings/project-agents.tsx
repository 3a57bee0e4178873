"use client";

import Link from "next/link";
import { useState } from "react";
import { type ProjectAgentRow, useProjectAgents } from "#client/project-agents.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { Choice } from "../ui/select.tsx";

const NAMES: Record<Environment, string> = { development: "Development", production: "Production" };

const columnsOf = (environment: Environment): Column<ProjectAgentRow>[] => [
  {
    name: "Agent",
    isRowName: true,
    className: "max-w-[360px]",
    render: ({ slug, name, description }) => (
      <>
        <Link
          className="link font-medium wrap-anywhere"
          href={`/settings/agents/project/${environment}/${encodeURIComponent(slug)}`}
        >
          {name}
        </Link>
        {description !== "" && (
          <span className="block text-small wrap-anywhere text-ink-3">{description}</span>
        )}
      </>
    ),
  },
  { name: "Model", className: "fact", render: ({ model }) => model },
];

/** The agents that the organization's project defines, each to be talked to. */
export function ProjectAgents() {
  const [environment, setEnvironment] = useState<Environment>("development");
  const pages = useProjectAgents(environment);
  return (
    <Card aria-labelledby="project-agents">
      <CardHead id="project-agents" title="Project agents" />
      <div className="grid gap-2 p-4">
        <p className="text-small text-ink-2">
          Open one to talk to it. To change it, open{" "}
          <Link className="link" href={`/project/${environment}/agents`}>
            Project
          </Link>{" "}
          or push the project.
        </p>
        <Choice
          label="Environment"
          value={environment}
          onChange={setEnvironment}
          options={ENVIRONMENTS.map((one) => ({ value: one, name: NAMES[one] }))}
          className="max-w-48"
        />
      </div>
      {pages.rows.length === 0 && !pages.loading ? (
        <p className="px-4 pb-4 text-ink-2">No agents in {NAMES[environment].toLowerCase()}.</p>
      ) : (
        <DataTable
          caption="Project agents, by slug"
          stack
          busy={pages.loading}
          columns={columnsOf(environment)}
          rows={pages.rows}
          rowKey={({ slug }) => slug}
        />
      )}
      <MoreRows pages={pages} names={{ one: "agent", other: "agents" }} />
    </Card>
  );
}
