"use client";

import { useState } from "react";
import { useForm } from "#client/form.ts";
import { createMcpServer, type McpServerRow, updateMcpServer } from "#client/mcp.ts";
import { MCP_NAME, type McpTransport } from "#domain/mcp.ts";
import { type ImportedServer, importedServers, KNOWN_SERVERS, type KnownServer } from "#domain/mcp-import.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";

const TRANSPORTS = [
  { value: "stdio", name: "A program in the sandbox" },
  { value: "streamable-http", name: "A server, by HTTP" },
  { value: "sse", name: "A server, by SSE" },
] as const;

interface Fields {
  name: string;
  transport: McpTransport;
  command: string;
  args: string;
  url: string;
  values: string;
  config: string;
}

const lines = (text: string) => text.split("\n").filter((line) => line.trim() !== "");

/** Variables as `NAME=value`, headers as `Name: value`. */
const valueLines = (transport: McpTransport, values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => (transport === "stdio" ? `${name}=${value}` : `${name}: ${value}`))
    .join("\n");

function valuesIn(transport: McpTransport, text: string): Record<string, string> | undefined {
  const pairs = lines(text).map((line) => {
    const at = line.indexOf(transport === "stdio" ? "=" : ":");
    return at <= 0 ? undefined : ([line.slice(0, at).trim(), line.slice(at + 1).trim()] as const);
  });
  return pairs.some((pair) => !pair)
    ? undefined
    : Object.fromEntries(pairs.flatMap((pair) => (pair ? [pair] : [])));
}

const fieldsOf = (row: McpServerRow | undefined): Fields => ({
  name: row?.name ?? "",
  transport: row?.transport ?? "stdio",
  command: row?.command ?? "",
  args: row?.args?.join("\n") ?? "",
  url: row?.url ?? "",
  values: row ? valueLines(row.transport, row.transport === "stdio" ? row.env : row.headers) : "",
  config: "",
});

const imported = ({
  name,
  transport,
  command,
  args,
  url,
  env,
  headers,
}: ImportedServer): Partial<Fields> => ({
  name,
  transport,
  command,
  args: args.join("\n"),
  url,
  values: valueLines(transport, transport === "stdio" ? env : headers),
  config: "",
});

const known = ({
  name,
  transport,
  command = "",
  args = [],
  url = "",
  needs,
}: KnownServer): Partial<Fields> => ({
  name,
  transport,
  command,
  args: args.join("\n"),
  url,
  values: valueLines(transport, Object.fromEntries(needs.map((need) => [need.name, need.prefix ?? ""]))),
});

/** Adds an MCP server, or changes one: values that are left as they are listed stay. */
export function McpForm({ editing, onDone }: { editing: McpServerRow | undefined; onDone: () => void }) {
  const [problem, setProblem] = useState<string>();
  const form = useForm<Fields>({
    initial: fieldsOf(editing),
    check: ({ name, transport, command, url, values }) => ({
      name: !MCP_NAME.test(name.trim()) && "Use small letters, digits and -, and begin with a letter.",
      command: transport === "stdio" && command.trim() === "" && "Enter the program, such as npx.",
      url: transport !== "stdio" && url.trim() === "" && "Enter the server's URL.",
      values:
        valuesIn(transport, values) === undefined &&
        (transport === "stdio" ? "Write each line as NAME=value." : "Write each line as Name: value."),
    }),
    send: async ({ name, transport, command, args, url, values }, set) => {
      const given = valuesIn(transport, values) ?? {};
      const body = {
        name: name.trim(),
        transport,
        ...(transport === "stdio"
          ? { command: command.trim(), args: lines(args), env: given }
          : { url: url.trim(), headers: given }),
      };
      await (editing ? updateMcpServer(editing.id, body) : createMcpServer(body));
      set(fieldsOf(undefined));
      onDone();
    },
    failed: "Couldn't save the server",
  });
  const { transport, config } = form.values;
  const isInside = transport === "stdio";
  const take = () => {
    const found = importedServers(config);
    if (typeof found === "string") return setProblem(found);
    setProblem(undefined);
    const [first] = found;
    if (first) form.set(imported(first));
  };
  return (
    <FormCard
      title={editing ? `Change ${editing.name}` : "New MCP server"}
      form={form}
      submit={{ label: editing ? "Save" : "Add server", busy: "Saving" }}
    >
      {!editing && (
        <fieldset className="flex flex-wrap items-center gap-2" aria-label="Well-known servers">
          {KNOWN_SERVERS.map((server) => (
            <Button key={server.name} size="sm" title={server.about} onClick={() => form.set(known(server))}>
              {server.title}
            </Button>
          ))}
        </fieldset>
      )}
      <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
        <Field fact label="Name" {...form.field("name")} maxLength={40} placeholder="github" />
        <Choice label="What it is" {...form.choice("transport")} options={TRANSPORTS} />
      </div>
      {isInside ? (
        <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
          <Field fact label="Program" {...form.field("command")} maxLength={500} placeholder="npx" />
          <TextField
            fact
            label="Arguments"
            {...form.field("args")}
            rows={3}
            placeholder={"-y\n@modelcontextprotocol/server-memory"}
            hint="One a line."
          />
        </div>
      ) : (
        <Field
          fact
          label="URL"
          {...form.field("url")}
          maxLength={2000}
          placeholder="https://mcp.example.com/mcp"
        />
      )}
      <TextField
        fact
        label={isInside ? "Variables" : "Headers"}
        {...form.field("values")}
        rows={3}
        placeholder={isInside ? "API_TOKEN=…" : "Authorization: Bearer …"}
        hint={
          isInside
            ? "One a line, encrypted. The server's process in the sandbox gets them; the agent can reach what runs beside it."
            : "One a line, encrypted. They never come into a sandbox. A value that's shown as … stays as it is."
        }
      />
      {!editing && (
        <details>
          <summary className="min-h-7 cursor-pointer touch:min-h-11">
            From another tool's configuration
          </summary>
          <div className="mt-2 grid gap-2">
            <TextField
              fact
              label="Configuration"
              {...form.field("config")}
              problem={problem}
              rows={5}
              placeholder={'{ "mcpServers": { … } }'}
              hint="JSON of Claude, Cursor, VS Code, Zed or OpenCode. The first server in it fills this form."
            />
            <div>
              <Button off={config.trim() === ""} onClick={take}>
                Fill the form
              </Button>
            </div>
          </div>
        </details>
      )}
      {editing && (
        <div>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      )}
    </FormCard>
  );
}
