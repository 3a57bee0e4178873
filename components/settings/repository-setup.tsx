"use client";

import { useForm } from "#client/form.ts";
import { useGitConnections } from "#client/live-settings.ts";
import type { SetupPlace } from "#client/settings.ts";
import { ENVIRONMENTS, type Environment } from "#domain/catalog.ts";
import { repositoryOf } from "#domain/git.ts";
import { repositoryScope } from "#domain/setup.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";
import { ENVIRONMENT_NAMES } from "./setup-card.tsx";

/** Names a repository that is to have a set-up script; nothing, where the organization has no connection. */
export function RepositorySetup({
  isKnown,
  onBegin,
}: {
  isKnown: (place: SetupPlace) => boolean;
  /** Takes what was named: its script is written next. */
  onBegin: (place: SetupPlace) => void;
}) {
  const connections = useGitConnections() ?? [];
  const placeOf = ({ slug, url, environment }: { slug: string; url: string; environment: Environment }) => {
    const connection = connections.find((one) => one.slug === slug) ?? connections[0];
    const named = connection && repositoryOf(url, connection.baseUrl, connection.kind);
    return named ? { environment, scope: repositoryScope(connection, named.repository) } : null;
  };
  const form = useForm({
    initial: { slug: "", url: "", environment: "development" as Environment },
    check: (values) => {
      const place = placeOf(values);
      return {
        url:
          (place === null && "Enter a repository of this connection, such as acme/shop.") ||
          (place !== null && isKnown(place) && "This repository has a script already; it is above."),
      };
    },
    send: async (values, change) => {
      const place = placeOf(values);
      if (place) onBegin(place);
      change({ url: "" });
    },
    failed: "Couldn't add the repository",
  });
  if (connections.length === 0) return null;
  const { values, set, problems } = form;
  return (
    <FormCard
      title="Set up a repository"
      form={form}
      submit={{ label: "Write its script", busy: "Adding", off: false }}
    >
      <div className="grid grid-cols-[160px_160px_minmax(0,1fr)] items-start gap-4 max-md:grid-cols-1">
        <Choice
          label="Environment"
          value={values.environment}
          onChange={(environment) => set({ environment })}
          options={ENVIRONMENTS.map((value) => ({ value, name: ENVIRONMENT_NAMES[value] }))}
        />
        <Choice
          label="Connection"
          value={values.slug === "" ? (connections[0]?.slug ?? "") : values.slug}
          onChange={(slug) => set({ slug })}
          options={connections.map(({ slug }) => ({ value: slug, name: slug }))}
        />
        <Field
          fact
          label="Repository"
          name="url"
          value={values.url}
          onChange={({ target }) => set({ url: target.value })}
          problem={problems["url"]}
          placeholder="acme/shop"
          maxLength={1_000}
        />
      </div>
    </FormCard>
  );
}
