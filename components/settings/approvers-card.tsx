"use client";

import { useRouter } from "next/navigation";
import { useForm } from "#client/form.ts";
import { writeSetting } from "#client/settings.ts";
import { ACT_KINDS, type ActKind } from "#domain/act-kinds.ts";
import { APPROVER_ROLES, type Approver } from "#domain/approvers.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { plural } from "#domain/plural.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { Choice } from "../ui/select.tsx";

const KINDS: Record<ActKind, { name: string; text: string }> = {
  run: { name: "Commands", text: "Everything in a shell" },
  write: { name: "File changes", text: "Edits, new files, and what commands write" },
  push: { name: "Pushes", text: "git push, however it's written" },
  network: { name: "Network", text: "Fetching, searching, and programs such as curl or ssh" },
  mcp: { name: "MCP tools", text: "Tools of other servers" },
  read: { name: "Reading", text: "Outside of the workspace, and files with secrets" },
};
const ORDER: readonly ActKind[] = ["run", "write", "push", "network", "mcp", "read"];

const PLACES: Record<Environment, string> = { development: "Development", production: "Production" };
const ROLES: Record<Approver["role"], string> = { member: "Members and admins", admin: "Admins" };
const MINUTES = [5, 15, 30, 60, 240] as const;

/** Whether who started the run may approve: `yes`, `never`, or after so many minutes. */
const ownOf = ({ someone_else, someone_else_minutes: minutes }: Approver): string =>
  someone_else ? (minutes === null ? "never" : String(minutes)) : "yes";
const ownOptions = (value: string) => [
  { value: "yes", name: "Can approve" },
  { value: "never", name: "Can’t approve" },
  ...[...new Set([...MINUTES, ...(/^\d+$/.test(value) ? [Number(value)] : [])])]
    .toSorted((a, b) => a - b)
    .map((minutes) => ({
      value: String(minutes),
      name: `Can after ${minutes} ${plural(minutes, "minute", "minutes")}`,
    })),
];

type Key = `${Environment}:${ActKind}`;
interface Chosen {
  role: Approver["role"];
  own: string;
}
type Table = Record<Key, Chosen>;

const keyOf = (environment: Environment, kind: ActKind): Key => `${environment}:${kind}`;

function tableOf(approvers: readonly Approver[]): Table {
  const entries = ENVIRONMENTS.flatMap((environment) =>
    ACT_KINDS.map((kind): [Key, Chosen] => {
      const set = approvers.find((one) => one.environment === environment && one.kind === kind);
      const role = environment === "production" ? "admin" : (set?.role ?? "member");
      return [keyOf(environment, kind), { role, own: set ? ownOf(set) : "yes" }];
    }),
  );
  return Object.fromEntries(entries) as Table;
}

/** The entries that a table comes to: what is as it would be without one has none. */
function approversOf(table: Table): Approver[] {
  return ENVIRONMENTS.flatMap((environment) =>
    ACT_KINDS.flatMap((kind): Approver[] => {
      const { role, own } = table[keyOf(environment, kind)];
      const isPlain = own === "yes" && (role === "member" || environment === "production");
      if (isPlain) return [];
      const minutes = /^\d+$/.test(own) ? Number(own) : null;
      return [{ environment, kind, role, someone_else: own !== "yes", someone_else_minutes: minutes }];
    }),
  );
}

/** Who may approve what, by environment and kind. */
export function ApproversCard({ approvers, off }: { approvers: readonly Approver[]; off: boolean }) {
  const router = useRouter();
  const form = useForm({
    initial: () => ({ table: tableOf(approvers) }),
    send: async ({ table }) => {
      await writeSetting("approvers", approversOf(table));
      router.refresh();
    },
    failed: "Couldn't change who may approve",
  });
  const { table } = form.values;
  const set = (key: Key, change: Partial<Chosen>) =>
    form.set({ table: { ...table, [key]: { ...table[key], ...change } } });
  const columnsFor = (environment: Environment): Column<ActKind>[] => [
    {
      name: "What",
      isRowName: true,
      className: "max-sm:basis-full",
      render: (kind) => (
        <>
          <span className="font-medium">{KINDS[kind].name}</span>
          <span className="block text-small text-ink-3">{KINDS[kind].text}</span>
        </>
      ),
    },
    {
      name: "Approved by",
      className: "w-[190px] max-sm:w-auto",
      render: (kind) =>
        environment === "production" ? (
          ROLES.admin
        ) : (
          <Choice
            label={`${KINDS[kind].name} in ${PLACES[environment]}: approved by`}
            hidden
            value={table[keyOf(environment, kind)].role}
            options={APPROVER_ROLES.map((value) => ({ value, name: ROLES[value] }))}
            disabled={off}
            onChange={(role) => set(keyOf(environment, kind), { role })}
          />
        ),
    },
    {
      name: "Who started the run",
      className: "w-[210px] max-sm:w-auto",
      render: (kind) => {
        const { own } = table[keyOf(environment, kind)];
        return (
          <Choice
            label={`${KINDS[kind].name} in ${PLACES[environment]}: who started the run`}
            hidden
            value={own}
            options={ownOptions(own)}
            disabled={off}
            onChange={(value) => set(keyOf(environment, kind), { own: value })}
          />
        );
      },
    },
  ];
  return (
    <FormCard title="Who may approve" form={form} submit={{ label: "Save", busy: "Saving", off }}>
      <p className="max-w-[68ch] text-ink-2">
        A request that does several of these needs what each of them needs. Anyone who works in an environment
        may deny. Leave that someone gave for a session counts only while they could approve it themselves;
        rules above count for everyone.
      </p>
      {ENVIRONMENTS.map((environment) => (
        <div key={environment}>
          <h3 id={`approvers-${environment}`} className="mb-1 font-medium">
            {PLACES[environment]}
          </h3>
          <div className="rounded-sm border border-line">
            <DataTable
              labelledBy={`approvers-${environment}`}
              stack
              columns={columnsFor(environment)}
              rows={ORDER}
              rowKey={(kind) => kind}
            />
          </div>
        </div>
      ))}
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}
