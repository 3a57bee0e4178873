"use client";

import { useMemo, useState } from "react";
import type { Models } from "#client/api.ts";
import { type ProjectAgentDefinition, useProjectAgent } from "#client/project-agents.ts";
import { maxTemperatureOf } from "#domain/agents.ts";
import type { Environment } from "#domain/catalog.ts";
import {
  type ProjectAgent,
  projectAgentOf,
  projectValues,
  type Talk,
  type ToolKind,
  toolKind,
  unfilled,
} from "#domain/project-agent.ts";
import { filledPrompt } from "#domain/prompt-variables.ts";
import { Fact, Facts } from "../ui/facts.tsx";
import { Field } from "../ui/field.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { Choice } from "../ui/select.tsx";
import { PageHead } from "./page-head.tsx";
import { Playground, type PlaygroundSetup } from "./playground.tsx";
import { ViewOnly } from "./view-only.tsx";

type Who = Pick<Talk, "organizationName" | "organizationId" | "userId">;
interface Shown {
  environment: Environment;
  slug: string;
  models: Models;
  who: Who;
  disabledReason: string | undefined;
}

/** An agent of the organization's project, to be talked to. */
export function ProjectAgentScreen(props: Shown) {
  return (
    <Live
      refused="Couldn't load the agent"
      meanwhile="the project keeps it"
      head={<PageHead title="Project agent">It may have been removed from the project.</PageHead>}
    >
      <Found {...props} />
    </Live>
  );
}

function Found(props: Shown) {
  const found = useProjectAgent(props.environment, props.slug);
  const agent = useMemo(() => (found ? projectAgentOf(found.definition) : null), [found]);
  if (!found) return <Loading>Loading the agent</Loading>;
  if (!agent) return <p>The definition of this agent can&apos;t be read. Push the project again.</p>;
  return <Opened key={found.definition} {...props} agent={agent} found={found} />;
}

const MISSING: Record<ToolKind, string> = {
  data: "needs the project's data, which Studio doesn't run",
  service: "needs the project's own runtime",
  web: "runs in the project's own runtime",
  custom: "its handler runs in the project's own runtime",
};

/** What the agent has in the project, and what of it isn't here. */
function Lacks({ agent, names, calls }: { agent: ProjectAgent; names: string[]; calls: string[] }) {
  return (
    <Facts>
      <Fact name="Tools">
        {agent.tools.length === 0 ? (
          "None"
        ) : (
          <>
            Not here: Studio runs none of them, so the model isn&apos;t offered any.
            <ul>
              {agent.tools.map((tool) => (
                <li key={tool} className="wrap-anywhere">
                  <span className="fact">{tool}</span>{" "}
                  <span className="text-ink-3">{MISSING[toolKind(tool)]}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Fact>
      {(names.length > 0 || calls.length > 0) && (
        <Fact name="Left as written">
          <span className="fact wrap-anywhere">
            {[...names.map((name) => `{{${name}}}`), ...calls.map((name) => `{{${name}(…)}}`)].join(", ")}
          </span>
        </Fact>
      )}
    </Facts>
  );
}

const valueOf = ({ provider, model }: { provider: string; model: string }) => `${provider}|${model}`;

/** The models that can be used, by provider. */
const groupsOf = (models: Models) =>
  models.providers
    .map(({ id: provider, name, models: all }) => ({
      name,
      options: all
        .filter(({ available }) => available)
        .map((model) => ({ value: valueOf({ provider, model: model.id }), name: model.name })),
    }))
    .filter(({ options }) => options.length > 0);

function Opened({
  environment,
  models,
  who,
  disabledReason,
  agent,
  found,
}: Shown & { agent: ProjectAgent; found: ProjectAgentDefinition }) {
  const groups = groupsOf(models);
  const isOffered = groups.some(({ options }) => options.some(({ value }) => value === valueOf(agent)));
  const first = models.default;
  const [choice, setChoice] = useState(isOffered ? valueOf(agent) : first ? valueOf(first) : "");
  const [params, setParams] = useState<Record<string, string>>({});
  const valuesFor = (message: string, now: number) =>
    projectValues(agent, {
      ...who,
      message,
      entityTypes: found.entityTypes,
      roles: found.roles,
      params: Object.fromEntries(agent.params.map(({ name }) => [name, params[name] ?? ""])),
      now,
    });
  const missing = agent.params.filter(({ name, required }) => required && (params[name] ?? "").trim() === "");
  const [provider = "", ...model] = choice.split("|");
  const setup: PlaygroundSetup | null =
    choice === "" || missing.length > 0
      ? null
      : {
          provider,
          model: model.join("|"),
          prompt: (message, now) => filledPrompt(agent.prompt, valuesFor(message, now)),
          temperature: Math.min(agent.temperature, maxTemperatureOf(provider)),
          maxTokens: agent.maxTokens,
        };
  return (
    <>
      <PageHead title={agent.name}>
        An agent of the project in {environment}. {agent.description}
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ViewOnly why={disabledReason} />
        {disabledReason === undefined && (
          <Playground
            title="Playground"
            about="Talks to the agent's model with its instructions, temperature, and output limit. Your organization's keys or credits pay; nothing of it is kept, and nothing in the project changes."
            setup={setup}
            suggestions={agent.suggestions}
          >
            <Lacks agent={agent} {...unfilled(agent, valuesFor("", 0))} />
            <Choice label="Model" value={choice} onChange={setChoice} groups={groups} className="max-w-80" />
            {!isOffered && (
              <p className="text-small text-warning">
                The agent names <span className="fact">{`${agent.provider}/${agent.model}`}</span>, which
                isn&apos;t offered here. Another model answers.
              </p>
            )}
            {agent.params.map(({ name, required, description }) => (
              <Field
                key={name}
                label={required ? name : `${name} (optional)`}
                hint={description}
                value={params[name] ?? ""}
                onChange={(event) => setParams((before) => ({ ...before, [name]: event.target.value }))}
                autoComplete="off"
              />
            ))}
          </Playground>
        )}
      </div>
    </>
  );
}
