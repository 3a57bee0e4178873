"use client";

import { useForm } from "#client/form.ts";
import type { GitConnectionRow } from "#client/live-settings.ts";
import { saveGitConnection } from "#client/settings.ts";
import { GIT_HOSTS, GIT_KINDS, type GitKind, isAllowEntry } from "#domain/git.ts";
import { Field, TextField } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";
import { GitWebhook } from "./git-webhook.tsx";
import { entriesIn, slugProblem, TestedForm } from "./tested-form.tsx";

const KINDS = GIT_KINDS.map((kind) => ({
  value: kind,
  name: kind === "git" ? "Any git server" : GIT_HOSTS[kind].name,
}));

/** What a token must allow, in each host's own words. */
const TOKEN_HINTS: Record<GitKind, string> = {
  git: "Nobody can read it here once it's saved.",
  github:
    "A fine-grained token with “Contents” and “Pull requests”, read and write, and “Checks” and “Commit statuses”, read.",
  github_app: "",
  gitlab: "A personal, group or project access token with the scope “api”.",
  bitbucket: "A workspace or repository access token with “Repositories: write” and “Pull requests: write”.",
  gitea: "An access token with “repository”, read and write, and “user”, read.",
};

interface Fields {
  kind: GitKind;
  connection: string;
  base_url: string;
  username: string;
  token: string;
  app_id: string;
  installation_id: string;
  private_key: string;
  repositories: string;
}

const fieldsOf = (row: GitConnectionRow | undefined): Fields => ({
  kind: row?.kind ?? "git",
  connection: row?.slug ?? "",
  base_url: row?.baseUrl ?? "",
  username: row?.kind === "git" ? row.username : "",
  token: "",
  app_id: row?.app?.appId ?? "",
  installation_id: row?.app?.installationId ?? "",
  private_key: "",
  repositories: row?.repositories.join("\n") ?? "",
});

/** Whether nobody can know where its repositories are. */
const needsServer = (kind: GitKind) => kind === "git" || GIT_HOSTS[kind].url === null;

/** Adds a connection, or changes one: its token is typed again, or stays as it is. */
export function GitForm({ editing, onDone }: { editing: GitConnectionRow | undefined; onDone: () => void }) {
  const form = useForm<Fields>({
    initial: fieldsOf(editing),
    check: ({ kind, connection, base_url, token, app_id, installation_id, private_key, repositories }) => {
      const isApp = kind === "github_app";
      const entries = entriesIn(repositories);
      const wrong = entries.find((entry) => !isAllowEntry(entry, kind));
      return {
        connection: slugProblem(connection),
        base_url: needsServer(kind) && base_url.trim() === "" && "Enter where its repositories are.",
        token: !isApp && !editing && token === "" && "Enter a token or password.",
        app_id: isApp && !/^[A-Za-z0-9.]{1,40}$/.test(app_id.trim()) && "Enter the app's ID.",
        installation_id:
          isApp &&
          !/^\d{1,20}$/.test(installation_id.trim()) &&
          "Enter the number at the end of the installation's address.",
        private_key:
          isApp &&
          (private_key.trim() !== "" || !editing) &&
          !/^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/.test(private_key.trim()) &&
          "Paste the whole file, with its first and last line.",
        repositories:
          entries.length === 0
            ? "Enter at least one repository, or * for all."
            : wrong !== undefined && `“${wrong}” is no repository, such as acme/shop, and no acme/*.`,
      };
    },
    send: async (values, set) => {
      const { kind, connection, base_url, username, token, private_key, repositories } = values;
      await saveGitConnection(connection.trim(), {
        kind,
        ...(base_url.trim() !== "" && { base_url: base_url.trim() }),
        // Another server has its API elsewhere.
        ...(editing?.apiUrl &&
          editing.kind === kind &&
          editing.baseUrl === base_url.trim() && { api_url: editing.apiUrl }),
        ...(kind === "git" && { username: username.trim() }),
        ...(kind !== "github_app" && token !== "" && { token }),
        ...(kind === "github_app" && {
          app_id: values.app_id.trim(),
          installation_id: values.installation_id.trim(),
          ...(private_key.trim() !== "" && { private_key: private_key.trim() }),
        }),
        repositories: entriesIn(repositories),
      });
      set(fieldsOf(undefined));
      onDone();
    },
    failed: "Couldn't save the connection",
  });
  const { kind } = form.values;
  return (
    <>
      <TestedForm form={form} one="connection" editing={editing} onDone={onDone}>
        <div className="grid grid-cols-[200px_minmax(0,1fr)_minmax(0,2fr)] items-start gap-4 max-md:grid-cols-1">
          <Choice label="Kind" {...form.choice("kind")} options={KINDS} />
          <Field
            fact
            label="Name"
            {...form.field("connection")}
            maxLength={40}
            readOnly={editing !== undefined}
            placeholder={kind === "git" ? "acme-git" : kind}
          />
          <Field
            fact
            label="Server"
            {...form.field("base_url")}
            maxLength={1000}
            placeholder={(kind !== "git" && GIT_HOSTS[kind].url) || "https://git.example.com"}
          />
        </div>
        <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
          {kind === "git" && <Field fact label="User name" {...form.field("username")} maxLength={200} />}
          {kind === "github_app" ? (
            <AppFields form={form} />
          ) : (
            <Field
              fact
              label={kind === "git" ? "Token or password" : "Token"}
              {...form.field("token")}
              type="password"
              maxLength={1000}
              hint={
                editing ? "Leave it empty to keep it, unless the server or user changes." : TOKEN_HINTS[kind]
              }
            />
          )}
        </div>
        {kind === "github_app" && (
          <TextField
            fact
            label="Private key"
            {...form.field("private_key")}
            hint={
              editing
                ? "Leave it empty to keep it, unless the app or the installation changes."
                : "The .pem file that GitHub generated. Studio makes tokens with it that last an hour; it never enters a sandbox."
            }
            rows={4}
          />
        )}
        <TextField
          fact
          label="Repositories"
          {...form.field("repositories")}
          hint="One a line: acme/shop, acme/* for all of an owner, or * for all that the credential may see."
          rows={3}
        />
      </TestedForm>
      {editing && <GitWebhook connection={editing} />}
    </>
  );
}

/** Which app it is, and where it is installed. */
function AppFields({ form }: { form: Pick<ReturnType<typeof useForm<Fields>>, "field"> }) {
  return (
    <>
      <Field
        fact
        label="App ID"
        {...form.field("app_id")}
        maxLength={40}
        hint="On the app's page, General. It needs “Contents” and “Pull requests”, read and write, and “Checks” and “Commit statuses”, read."
      />
      <Field
        fact
        label="Installation ID"
        {...form.field("installation_id")}
        inputMode="numeric"
        maxLength={20}
        hint="The number at the end of the address of its installation."
      />
    </>
  );
}
