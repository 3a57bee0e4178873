"use client";

import { useGitConnections } from "#client/live-settings.ts";
import { Field } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";

/** What a session is to work on, as it is typed; without a connection, on nothing but the project. */
export interface RepositoryInput {
  connection: string;
  url: string;
  ref: string;
  history: "last" | "full";
}

export const NO_REPOSITORY: RepositoryInput = { connection: "", url: "", ref: "", history: "last" };

const NONE = "none";
const HISTORY = [
  { value: "last", name: "Last commit" },
  { value: "full", name: "Full history" },
] as const;

/** The same as a session is created with. */
export const repositoryFrom = ({ connection, url, ref, history }: RepositoryInput) =>
  connection === ""
    ? {}
    : {
        repository: {
          connection,
          url: url.trim(),
          ...(ref.trim() !== "" && { ref: ref.trim() }),
          full: history === "full",
        },
      };

/** Chooses the repository that a session starts from; nothing, where the organization has no connection. */
export function RepositoryChoice({
  value,
  onChange,
  problem,
}: {
  value: RepositoryInput;
  onChange: (value: RepositoryInput) => void;
  problem: string | undefined;
}) {
  const connections = useGitConnections() ?? [];
  if (connections.length === 0) return null;
  const chosen = connections.find(({ slug }) => slug === value.connection);
  const single = (connection: (typeof connections)[number] | undefined) =>
    connection?.repositories.find((entry) => !entry.endsWith("*")) ?? "";
  const set = (change: Partial<RepositoryInput>) => onChange({ ...value, ...change });
  return (
    <fieldset
      className="grid grid-cols-[160px_minmax(0,1fr)_minmax(0,180px)_150px] items-start gap-3 max-md:grid-cols-1"
      aria-label="What to start from"
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
            label="Repository"
            className="fact"
            value={value.url}
            onChange={({ target }) => set({ url: target.value })}
            problem={problem}
            placeholder="acme/shop"
            maxLength={1_000}
            autoComplete="off"
            spellCheck={false}
          />
          <Field
            label="Branch, tag or commit"
            className="fact"
            value={value.ref}
            onChange={({ target }) => set({ ref: target.value })}
            placeholder="main branch"
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
          />
          <Choice
            label="History"
            value={value.history}
            onChange={(history) => set({ history })}
            options={HISTORY}
          />
        </>
      )}
    </fieldset>
  );
}
