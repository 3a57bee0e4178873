"use client";

import { type GitConnectionRow, useGitConnections } from "#client/live-settings.ts";
import { type GitAccess, MAX_SESSION_REPOSITORIES } from "#domain/git.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";

/** What a session is to work on, as it is typed; without a connection, on nothing but the project. */
export interface RepositoryInput {
  connection: string;
  url: string;
  ref: string;
  history: "last" | "full";
  access: GitAccess;
}

const NO_REPOSITORY: RepositoryInput = {
  connection: "",
  url: "",
  ref: "",
  history: "last",
  access: "write",
};
/** None, until somebody chooses one. */
export const NO_REPOSITORIES: readonly RepositoryInput[] = [NO_REPOSITORY];

/** Whether one is chosen that has no name yet. */
export const isUnnamed = ({ connection, url }: RepositoryInput): boolean =>
  connection !== "" && url.trim() === "";

const NONE = "none";
const HISTORY = [
  { value: "last", name: "Last commit" },
  { value: "full", name: "Full history" },
] as const;

const ACCESS = [
  { value: "write", name: "Read and push" },
  { value: "read", name: "Read only" },
] as const;

/** The same as a session is created with. */
export function repositoriesFrom(all: readonly RepositoryInput[]) {
  const chosen = all.filter(({ connection }) => connection !== "");
  if (chosen.length === 0) return {};
  return {
    repositories: chosen.map(({ connection, url, ref, history, access }) => ({
      connection,
      url: url.trim(),
      ...(ref.trim() !== "" && { ref: ref.trim() }),
      full: history === "full",
      access,
    })),
  };
}

/** Chooses the repositories that a session starts from; nothing, where the organization has no connection. */
export function RepositoryChoices({
  value,
  onChange,
  isAsked,
}: {
  value: readonly RepositoryInput[];
  onChange: (value: readonly RepositoryInput[]) => void;
  /** Whether what is missing is said. */
  isAsked: boolean;
}) {
  const connections = useGitConnections() ?? [];
  if (connections.length === 0) return null;
  const last = value.at(-1);
  const mayAdd = last !== undefined && last.connection !== "" && value.length < MAX_SESSION_REPOSITORIES;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {value.map((one, index) => (
        <RepositoryChoice
          // Rows have no names of their own, and hold nothing that would stay behind.
          key={index}
          connections={connections}
          place={index}
          value={one}
          onChange={(changed) => {
            const next = value.with(index, changed);
            onChange(changed.connection === "" && next.length > 1 ? next.toSpliced(index, 1) : next);
          }}
          problem={isAsked && isUnnamed(one) ? "Enter the repository, such as acme/shop." : undefined}
          onRemove={value.length > 1 ? () => onChange(value.toSpliced(index, 1)) : undefined}
        />
      ))}
      {mayAdd && (
        <div>
          <Button
            size="sm"
            onClick={() => onChange([...value, { ...NO_REPOSITORY, connection: last.connection }])}
          >
            Add another repository
          </Button>
        </div>
      )}
    </div>
  );
}

function RepositoryChoice({
  connections,
  place,
  value,
  onChange,
  problem,
  onRemove,
}: {
  connections: readonly GitConnectionRow[];
  place: number;
  value: RepositoryInput;
  onChange: (value: RepositoryInput) => void;
  problem: string | undefined;
  /** Absent where it is the only one. */
  onRemove: (() => void) | undefined;
}) {
  const chosen = connections.find(({ slug }) => slug === value.connection);
  const single = (connection: (typeof connections)[number] | undefined) =>
    connection?.repositories.find((entry) => !entry.endsWith("*")) ?? "";
  const set = (change: Partial<RepositoryInput>) => onChange({ ...value, ...change });
  return (
    <fieldset
      className="grid grid-cols-[160px_minmax(0,1fr)_minmax(0,160px)_140px_150px] items-start gap-3 max-md:grid-cols-1"
      aria-label={place === 0 ? "What to start from" : `Repository ${place + 1}`}
    >
      <Choice
        label="Repository from"
        value={value.connection === "" ? NONE : value.connection}
        onChange={(slug) =>
          set({
            connection: slug === NONE ? "" : slug,
            url: slug === NONE ? "" : single(connections.find((one) => one.slug === slug)),
          })
        }
        options={[
          { value: NONE, name: "None" },
          ...connections.map(({ slug }) => ({ value: slug, name: slug })),
        ]}
      />
      {chosen && (
        <>
          <Field
            fact
            label="Repository"
            value={value.url}
            onChange={({ target }) => set({ url: target.value })}
            problem={problem}
            placeholder="acme/shop"
            maxLength={1_000}
          />
          <Field
            fact
            label="Branch, tag or commit"
            value={value.ref}
            onChange={({ target }) => set({ ref: target.value })}
            placeholder="main branch"
            maxLength={200}
          />
          <Choice
            label="History"
            value={value.history}
            onChange={(history) => set({ history })}
            options={HISTORY}
          />
          <Choice
            label="Access"
            value={value.access}
            onChange={(access) => set({ access })}
            options={ACCESS}
          />
        </>
      )}
      {onRemove && (
        <div className="col-span-full">
          <Button
            size="sm"
            look="quiet"
            aria-label={`Remove ${value.url.trim() === "" ? `repository ${place + 1}` : value.url.trim()}`}
            onClick={onRemove}
          >
            Remove
          </Button>
        </div>
      )}
    </fieldset>
  );
}
