"use client";

import { useGitConnections, useVariables } from "#client/live-settings.ts";
import { useSkills } from "#client/live-skills.ts";
import { useMcpServers } from "#client/mcp.ts";
import type { AgentRepository } from "#domain/agent.ts";
import { LIMITS } from "#domain/limits.ts";
import { Check, Field } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";

/** Names to choose from, each with a box. */
function Boxes({
  names,
  chosen,
  onChange,
}: {
  names: readonly string[];
  chosen: readonly string[];
  onChange: (names: string[]) => void;
}) {
  return (
    <div className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
      {names.map((name) => (
        <label key={name} className="flex min-h-7 items-center gap-2 touch:min-h-11">
          <Check
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={({ target }) =>
              onChange(target.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
            }
          />
          <span className="fact">{name}</span>
        </label>
      ))}
    </div>
  );
}

/** What there is, and what was chosen: a name that was removed since can be taken out. */
const offered = (there: readonly string[], chosen: readonly string[]) => [...new Set([...there, ...chosen])];

/** Which of the organization's MCP servers the agent's sessions get. */
export function McpChoice({ chosen, onChange }: { chosen: string[]; onChange: (names: string[]) => void }) {
  const names = offered(
    (useMcpServers() ?? []).map(({ name }) => name),
    chosen,
  );
  if (names.length === 0) return null;
  return (
    <fieldset>
      <legend className="font-medium">MCP servers</legend>
      <Boxes names={names} chosen={chosen} onChange={onChange} />
      <p className="text-small text-ink-3">Its sessions get these alone, while they are on.</p>
    </fieldset>
  );
}

const HOW = [
  { value: "all", name: "All" },
  { value: "some", name: "Only these" },
] as const;

/** All of a kind, or some of them by name. */
function AllOrSome({
  label,
  hint,
  there,
  chosen,
  onChange,
}: {
  label: string;
  hint: string;
  there: readonly string[];
  chosen: string[] | null;
  onChange: (names: string[] | null) => void;
}) {
  const names = offered(there, chosen ?? []);
  if (names.length === 0) return null;
  return (
    <div className="grid content-start gap-1">
      <Choice
        label={label}
        value={chosen === null ? "all" : "some"}
        onChange={(how) => onChange(how === "all" ? null : [])}
        options={HOW}
      />
      {chosen !== null && (
        <fieldset>
          <legend className="sr-only">{label}</legend>
          <Boxes names={names} chosen={chosen} onChange={onChange} />
        </fieldset>
      )}
      <p className="text-small text-ink-3">{hint}</p>
    </div>
  );
}

type AllOrSomeProps = { chosen: string[] | null; onChange: (names: string[] | null) => void };

/** Which of the organization's skills the agent's sessions get. */
export function SkillsChoice(props: AllOrSomeProps) {
  const there = (useSkills() ?? []).map(({ name }) => name);
  return (
    <AllOrSome
      label="Skills"
      hint="Its sessions find these in their workspace, and messages can name them."
      there={there}
      {...props}
    />
  );
}

/** Which of the organization's variables the agent's sessions get. */
export function VariablesChoice(props: AllOrSomeProps) {
  const there = (useVariables() ?? []).filter(({ reach }) => reach !== "setup").map(({ name }) => name);
  return (
    <AllOrSome
      label="Variables"
      hint="Its sandboxes have these. Set-up scripts get theirs in any case."
      there={[...new Set(there)]}
      {...props}
    />
  );
}

const NONE = "none";

/** The repository that the agent's sessions start from. */
export function RepositoryChoice({
  value,
  problem,
  onChange,
}: {
  value: AgentRepository | null;
  problem: string | undefined;
  onChange: (value: AgentRepository | null) => void;
}) {
  const connections = useGitConnections() ?? [];
  if (connections.length === 0 && value === null) return null;
  const there = connections.map(({ slug, name }) => ({ value: slug, name }));
  const isGone = value !== null && !there.some((one) => one.value === value.connection);
  const options = [
    { value: NONE, name: "None" },
    ...there,
    ...(isGone ? [{ value: value.connection, name: `${value.connection}, removed` }] : []),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)_minmax(0,1fr)] items-start gap-4 max-md:grid-cols-1">
      <Choice
        label="Starts from"
        value={value?.connection ?? NONE}
        onChange={(connection) =>
          onChange(connection === NONE ? null : { url: "", ref: null, ...value, connection })
        }
        options={options}
      />
      {value !== null && (
        <>
          <Field
            label="Repository"
            value={value.url}
            problem={problem}
            maxLength={LIMITS.gitUrl.max}
            autoComplete="off"
            spellCheck={false}
            placeholder="acme/shop"
            onChange={({ target }) => onChange({ ...value, url: target.value })}
          />
          <Field
            label="Branch, tag, or commit"
            value={value.ref ?? ""}
            maxLength={LIMITS.gitRef.max}
            autoComplete="off"
            spellCheck={false}
            hint="The main branch if empty."
            onChange={({ target }) => onChange({ ...value, ref: target.value === "" ? null : target.value })}
          />
        </>
      )}
    </div>
  );
}
