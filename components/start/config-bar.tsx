"use client";

import { ChevronDown } from "lucide-react";
import { useId } from "react";
import type { Models } from "#client/api.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { Payer } from "../common/payer.tsx";
import { cn } from "../ui/cn.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { CapCell } from "./cap-cell.tsx";
import { CellSelect } from "./cell-select.tsx";
import { ModelCells } from "./model-cells.tsx";
import { cellClass, cellNameClass, cellValueClass, rowCellClass, titleBlockClass } from "./title-block.ts";

export interface Choice {
  provider: string;
  model: string;
  /** What the agent is told to be; without it OpenCode is as it comes. */
  agentId?: string;
  environment: Environment;
  /** What it may cost, in dollars, as it is typed; empty is no cap. */
  cap: string;
}

/** An agent that a session can be started with. */
export interface AgentChoice {
  id: string;
  name: string;
  provider: string;
  model: string;
  /** What its sessions start from, where they name no repository. */
  repository: { url: string } | null;
}

const NO_AGENT = "none";

/** The choice with an agent, whose model it takes where that can be used now; or without one. */
function withAgent(choice: Choice, agents: readonly AgentChoice[], models: Models, id: string): Choice {
  const { agentId: _before, ...rest } = choice;
  const agent = agents.find((one) => one.id === id);
  if (!agent) return rest;
  const isOffered = models.providers
    .find((provider) => provider.id === agent.provider)
    ?.models.some((model) => model.id === agent.model && model.available);
  return {
    ...rest,
    ...(isOffered && { provider: agent.provider, model: agent.model }),
    agentId: agent.id,
  };
}

/** The title block above the composer: what the session will be made of, and who pays. */
export function ConfigBar({
  models,
  choice,
  agents = [],
  capProblem,
  onChange,
  mayProduction,
}: {
  models: Models;
  choice: Choice;
  agents?: readonly AgentChoice[];
  /** What is wrong with the cap, and the id of the element that says so. */
  capProblem: { text: string; id: string } | undefined;
  onChange: (choice: Choice) => void;
  mayProduction: boolean;
}) {
  const provider = models.providers.find((p) => p.id === choice.provider);
  const model = provider?.models.find((m) => m.id === choice.model);
  if (!provider || !model) return null;
  return (
    <fieldset className={cn(titleBlockClass, "max-sm:flex-wrap")} aria-label="Session configuration">
      {agents.length > 0 && (
        <CellSelect
          label="Agent"
          value={choice.agentId ?? NO_AGENT}
          shown={
            <span className="truncate">
              {agents.find(({ id }) => id === choice.agentId)?.name ?? "OpenCode"}
            </span>
          }
          groups={[
            {
              options: [
                { value: NO_AGENT, name: "OpenCode", row: "OpenCode, as it comes" },
                ...agents.map(({ id, name }) => ({ value: id, name })),
              ],
            },
          ]}
          onChange={(id) => onChange(withAgent(choice, agents, models, id))}
          className="w-[140px] max-sm:w-full max-sm:border-b"
        />
      )}
      <ModelCells
        models={models}
        provider={provider.id}
        model={model.id}
        onChange={(next) => onChange({ ...choice, ...next })}
      />
      <EnvironmentCell
        value={choice.environment}
        onChange={(environment) => onChange({ ...choice, environment })}
        mayProduction={mayProduction}
      />
      <CapCell value={choice.cap} problem={capProblem} onChange={(cap) => onChange({ ...choice, cap })} />
      <div className={cn(cellClass, rowCellClass)}>
        <span className={cellNameClass}>Paid by</span>
        <span className={cellValueClass}>
          <Payer source={provider.keySource} provider={provider.name} />
        </span>
      </div>
    </fieldset>
  );
}

function EnvironmentCell({
  value,
  onChange,
  mayProduction,
}: {
  value: Environment;
  onChange: (value: Environment) => void;
  mayProduction: boolean;
}) {
  const name = useId();
  return (
    <fieldset className={cn(cellClass, rowCellClass)}>
      <legend className="sr-only">Environment</legend>
      <span className={cellNameClass} aria-hidden="true">
        Environment
      </span>
      <span className={cn(cellValueClass, "gap-3")}>
        {ENVIRONMENTS.map((environment) => {
          const chosen = environment === value;
          const disabledReason = environment === "production" && !mayProduction;
          return (
            <label
              key={environment}
              title={disabledReason ? "Only admins can work in production" : undefined}
              className={`inline-flex min-h-6 -my-[3px] items-center gap-1.5 rounded-xs has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-1 has-[:focus-visible]:outline-(--focus) ${chosen ? "" : "font-normal text-ink-3"} ${disabledReason ? "cursor-not-allowed" : "cursor-pointer"}`}
            >
              <input
                type="radio"
                className="sr-only"
                name={name}
                value={environment}
                checked={chosen}
                disabled={disabledReason}
                onChange={() => onChange(environment)}
              />
              <span className={chosen ? "is-accent" : ""}>
                <Glyph name={disabledReason ? "denied" : chosen ? "active" : "ready"} />
              </span>
              {environment}
            </label>
          );
        })}
      </span>
    </fieldset>
  );
}

/** The title block's shape, before the choices are known or where there are none. */
export function EmptyConfigBar() {
  return (
    <div className={titleBlockClass}>
      <div className={cn(cellClass, "hatch flex-1")}>
        <span className={cellNameClass}>Model</span>
        <span className={cn(cellValueClass, "text-ink-3")}>
          None set up
          <Icon as={ChevronDown} size="xs" className="ml-auto" />
        </span>
      </div>
    </div>
  );
}
