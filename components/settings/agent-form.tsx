"use client";

import { createContext, useContext, useEffect, useState } from "react";
import { createAgent, updateAgent } from "#client/agents.ts";
import { TOOLS_LABELS } from "#client/agent-labels.ts";
import type { Models } from "#client/api.ts";
import { useForm } from "#client/form.ts";
import type { AgentRow } from "#client/live-agents.ts";
import {
  AGENT_DEFAULTS,
  MAX_PROMPT_BYTES,
  maxTemperatureOf,
  TOOLS_MODES,
  type ToolsMode,
} from "#domain/agents.ts";
import type { AgentRepository } from "#domain/agent.ts";
import { LIMITS, utf8Bytes } from "#domain/limits.ts";
import { AGENT_VARIABLES, agentValues } from "#domain/prompt-variables.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";
import { PromptField } from "./prompt-field.tsx";
import { McpChoice, RepositoryChoice, SkillsChoice, VariablesChoice } from "./agent-choices.tsx";

/** What the form has. */
export interface Fields {
  name: string;
  description: string;
  /** `provider|model` */
  model: string;
  system_prompt: string;
  temperature: string;
  max_tokens: string;
  tools_mode: ToolsMode;
  mcp_servers: string[];
  skills: string[] | null;
  variables: string[] | null;
  repository: AgentRepository | null;
}

/** The models that the form offers. */
export const FormModels = createContext<Models>({ providers: [], default: null });

/** What the organization is called: the preview of instructions shows it. */
export const FormOrganization = createContext("");

const valueOf = ({ provider, model }: { provider: string; model: string }) => `${provider}|${model}`;

function fieldsOf(row: AgentRow | undefined, models: Models): Fields {
  const first = models.default ?? undefined;
  return {
    name: row?.name ?? "",
    description: row?.description ?? "",
    model: row ? valueOf(row) : first ? valueOf(first) : "",
    system_prompt: row?.systemPrompt ?? "",
    temperature: String(row?.temperature ?? AGENT_DEFAULTS.temperature),
    max_tokens: String(row?.maxTokens ?? AGENT_DEFAULTS.maxTokens),
    tools_mode: row?.toolsMode ?? AGENT_DEFAULTS.toolsMode,
    mcp_servers: row?.mcpServers ?? [],
    skills: row?.skills ?? null,
    variables: row?.variables ?? null,
    repository: row?.repository ?? null,
  };
}

/** The models to choose from, by provider; the agent's own stays even where it is no longer offered. */
function groupsOf(models: Models, editing: AgentRow | undefined) {
  const groups = models.providers.map((provider) => ({
    name: provider.name,
    options: provider.models
      .filter((model) => model.available)
      .map((model) => ({ value: valueOf({ provider: provider.id, model: model.id }), name: model.name })),
  }));
  const known = groups.some(({ options }) =>
    options.some(({ value }) => editing && value === valueOf(editing)),
  );
  const own =
    editing && !known ? [{ value: valueOf(editing), name: `${editing.model}, unavailable now` }] : [];
  return [
    ...(own.length > 0 ? [{ options: own }] : []),
    ...groups.filter(({ options }) => options.length > 0),
  ];
}

/** Splits at the first bar: a provider's id has none. */
export function modelIn(value: string): { provider: string; model: string } {
  const bar = value.indexOf("|");
  return { provider: value.slice(0, bar), model: value.slice(bar + 1) };
}

/** What an agent's variables would stand for in a session that began now. */
export const exampleValues = ({ name, model }: Fields, organization: string, now: number) =>
  agentValues({
    organizationName: organization,
    organizationId: "…",
    agentName: name,
    environment: "development",
    ...modelIn(model),
    startedAt: now,
  });

/** Adds an agent, or changes one. */
export function AgentForm({
  editing,
  onDone,
  inPage = false,
  onDraft,
}: {
  editing: AgentRow | undefined;
  onDone: () => void;
  /** On the agent's own page: it stays open. */
  inPage?: boolean;
  /** Is told what stands in the form, as it is typed. */
  onDraft?: (fields: Fields) => void;
}) {
  const models = useContext(FormModels);
  const organization = useContext(FormOrganization);
  const form = useForm<Fields>({
    live: true,
    initial: fieldsOf(editing, models),
    check: ({ name, model, system_prompt, temperature, max_tokens, repository }) => {
      const max = maxTemperatureOf(modelIn(model).provider);
      const degrees = temperature.trim() === "" ? Number.NaN : Number(temperature);
      const tokens = /^\d+$/.test(max_tokens.trim()) ? Number(max_tokens) : Number.NaN;
      return {
        name: name.trim() === "" && "Enter a name.",
        model: model === "" && "Choose a model.",
        system_prompt:
          utf8Bytes(system_prompt) > MAX_PROMPT_BYTES &&
          `The instructions are longer than ${MAX_PROMPT_BYTES / 1_000} kB.`,
        temperature: !(degrees >= 0 && degrees <= max) && `Enter a number from 0 to ${max}.`,
        max_tokens:
          !(tokens >= LIMITS.maxTokens.min && tokens <= LIMITS.maxTokens.max) &&
          "Enter a whole number from 1.",
        repository: repository?.url.trim() === "" && "Enter the repository, such as acme/shop.",
      };
    },
    send: async ({ model, temperature, max_tokens, ...texts }, set) => {
      const body = {
        ...texts,
        ...modelIn(model),
        temperature: Number(temperature),
        max_tokens: Number(max_tokens),
      };
      await (editing ? updateAgent(editing.id, body) : createAgent(body));
      if (!inPage) set(fieldsOf(undefined, models));
      onDone();
    },
    failed: "Couldn't save the agent",
  });
  const { values } = form;
  useEffect(() => onDraft?.(values), [values, onDraft]);
  const [now] = useState(() => Date.now());
  return (
    <FormCard
      title={inPage ? "What it is" : editing ? `Change ${editing.name}` : "New agent"}
      form={form}
      submit={{ label: editing ? "Save agent" : "Add agent", busy: "Saving" }}
      {...(editing && !inPage && { onCancel: onDone, focus: true })}
      {...(editing && { note: "Sessions that have started keep the agent as it was." })}
    >
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] items-start gap-4 max-md:grid-cols-1">
        <Field label="Name" {...form.field("name")} maxLength={LIMITS.agentName.max} autoComplete="off" />
        <Field
          label="Description"
          {...form.field("description")}
          maxLength={LIMITS.agentDescription.max}
          autoComplete="off"
          hint="For people; the model doesn't see it."
        />
      </div>
      <PromptField
        value={values.system_prompt}
        onChange={(system_prompt) => form.set({ system_prompt })}
        problem={form.problemOf("system_prompt")}
        variables={AGENT_VARIABLES}
        examples={exampleValues(values, organization, now)}
      />
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)] items-start gap-4 max-md:grid-cols-1">
        <Choice label="Model" {...form.choice("model")} groups={groupsOf(models, editing)} />
        <Field
          label="Temperature"
          {...form.field("temperature")}
          inputMode="decimal"
          autoComplete="off"
          hint="Models that take none don't get it."
        />
        <Field
          label="Output limit (tokens)"
          {...form.field("max_tokens")}
          inputMode="numeric"
          autoComplete="off"
          hint="For each model call."
        />
      </div>
      <div className="grid gap-1">
        <Choice
          label="Tools"
          {...form.choice("tools_mode")}
          options={TOOLS_MODES.map((mode) => ({ value: mode, name: TOOLS_LABELS[mode].name }))}
        />
        <p className="text-small text-ink-3">{TOOLS_LABELS[values.tools_mode].text}</p>
      </div>
      <McpChoice chosen={values.mcp_servers} onChange={(mcp_servers) => form.set({ mcp_servers })} />
      <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
        <SkillsChoice chosen={values.skills} onChange={(skills) => form.set({ skills })} />
        <VariablesChoice chosen={values.variables} onChange={(variables) => form.set({ variables })} />
      </div>
      <RepositoryChoice
        value={values.repository}
        problem={form.problemOf("repository")}
        onChange={(repository) => form.set({ repository })}
      />
    </FormCard>
  );
}
