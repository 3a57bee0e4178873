"use client";

import { useForm } from "#client/form.ts";
import type { RegistryRow } from "#client/live-settings.ts";
import { saveRegistry } from "#client/settings.ts";
import { REGISTRY_SCOPE, type RegistryKind } from "#domain/registries.ts";
import { Field } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";
import { entriesIn, slugProblem, TestedForm } from "./tested-form.tsx";

const KINDS = [
  { value: "npm", name: "npm" },
  { value: "pypi", name: "Python (pip)" },
] as const;

interface Fields {
  kind: RegistryKind;
  registry: string;
  url: string;
  username: string;
  token: string;
  scopes: string;
}

const fieldsOf = (row: RegistryRow | undefined): Fields => ({
  kind: row?.kind ?? "npm",
  registry: row?.slug ?? "",
  url: row?.url ?? "",
  username: row?.username ?? "",
  token: "",
  scopes: row?.scopes.join(" ") ?? "",
});

/** Adds a registry, or changes one: its token is typed again, or stays as it is. */
export function RegistryForm({ editing, onDone }: { editing: RegistryRow | undefined; onDone: () => void }) {
  const form = useForm<Fields>({
    initial: fieldsOf(editing),
    check: ({ kind, registry, url, token, scopes }) => {
      const wrong = entriesIn(scopes).find((scope) => !REGISTRY_SCOPE.test(scope));
      return {
        registry: slugProblem(registry),
        url: url.trim() === "" && "Enter the registry's URL.",
        token: !editing && token === "" && "Enter a token or password.",
        scopes: kind === "npm" && wrong !== undefined && `“${wrong}” is no scope, such as @acme.`,
      };
    },
    send: async ({ kind, registry, url, username, token, scopes }, set) => {
      await saveRegistry(registry.trim(), {
        kind,
        url: url.trim(),
        username: username.trim(),
        ...(token !== "" && { token }),
        scopes: kind === "npm" ? entriesIn(scopes) : [],
      });
      set(fieldsOf(undefined));
      onDone();
    },
    failed: "Couldn't save the registry",
  });
  const { kind } = form.values;
  return (
    <TestedForm form={form} one="registry" editing={editing} onDone={onDone}>
      <div className="grid grid-cols-[200px_minmax(0,1fr)_minmax(0,2fr)] items-start gap-4 max-md:grid-cols-1">
        <Choice label="Kind" {...form.choice("kind")} options={KINDS} />
        <Field
          fact
          label="Name"
          {...form.field("registry")}
          maxLength={40}
          readOnly={editing !== undefined}
          placeholder={kind === "npm" ? "acme-npm" : "acme-pypi"}
        />
        <Field
          fact
          label="URL"
          {...form.field("url")}
          maxLength={1000}
          placeholder={kind === "npm" ? "https://npm.example.com" : "https://pypi.example.com/simple"}
        />
      </div>
      <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
        <Field
          fact
          label="User name"
          {...form.field("username")}
          maxLength={200}
          hint={kind === "npm" ? "Empty if the token alone signs in." : "Empty for __token__."}
        />
        <Field
          fact
          label="Token or password"
          {...form.field("token")}
          type="password"
          maxLength={1000}
          hint={
            editing
              ? "Leave it empty to keep it, unless the URL or user changes."
              : "One that can read is enough. Nobody can read it here once it's saved."
          }
        />
      </div>
      {kind === "npm" && (
        <Field
          fact
          label="Scopes"
          {...form.field("scopes")}
          maxLength={2000}
          placeholder="@acme"
          hint="What comes from it, such as @acme. Empty for all npm packages."
        />
      )}
    </TestedForm>
  );
}
