import { fieldDifferences, threeWay } from "#domain/project/difference.ts";
import { nameKey, nameText, PLURALS, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import { plural } from "#domain/plural.ts";
import { writeBase } from "./base.ts";
import type { Local } from "./local.ts";
import { CliError, EXIT } from "./options.ts";
import {
  baseOf,
  type Call,
  checkPlace,
  differenceOf,
  readFolder,
  refuseFaults,
  type Report,
} from "./project.ts";
import { MovedError, type PushBody } from "./remote.ts";

type State = Awaited<ReturnType<Call["remote"]["state"]>>;
type Pushed = Awaited<ReturnType<Call["remote"]["push"]>>;

const show = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
};

/** What changed on both sides, for people. */
function movedLines(error: MovedError, here: ReadonlyMap<string, Local>): string[] {
  const lines = [error.message];
  for (const { kind, slug, base, current } of error.changes) {
    const name = { kind: kind as ProjectKind, slug };
    const read = (text: string | null) => (text === null ? null : (JSON.parse(text) as unknown));
    const ours = here.get(nameKey(name))?.value ?? null;
    lines.push(
      `  ${nameText(name)}${current === null ? ", deleted there" : base === null ? ", new there" : ""}`,
    );
    if (base === null || current === null || ours === null) continue;
    for (const { path, conflict, ...sides } of threeWay(read(base), ours, read(current)))
      lines.push(
        `    ${conflict ? "!" : " "} ${path}: was ${show(sides.base)}${"ours" in sides ? `, here ${show(sides.ours)}` : ""}${"theirs" in sides ? `, there ${show(sides.theirs)}` : ""}`,
      );
  }
  return lines;
}

const total = (pushed: Pushed, what: "created" | "updated" | "deleted"): number =>
  Object.values(PLURALS).reduce((sum, kind) => sum + pushed[kind][what].length, 0);

const MARKS = { created: "+", updated: "~", deleted: "-" } as const;

function planLines(pushed: Pushed): string[] {
  const lines: string[] = [];
  for (const [kind, key] of Object.entries(PLURALS) as [ProjectKind, keyof Pushed & "agents"][])
    for (const what of ["created", "updated", "deleted"] as const)
      for (const slug of pushed[key][what]) lines.push(`${MARKS[what]} ${nameText({ kind, slug })}`);
  if (pushed.effects.length > 0)
    lines.push("Effects:", ...pushed.effects.map(({ message }) => `  ${message}`));
  return lines;
}

const countsLine = (pushed: Pushed): string =>
  `created: ${total(pushed, "created")}, updated: ${total(pushed, "updated")}, deleted: ${total(pushed, "deleted")}`;

const jsonOf = (pushed: Pushed, state: { environment: string }, kept: readonly ProjectName[]) => ({
  environment: state.environment,
  revision: pushed.revision,
  dry_run: pushed.dry_run,
  created: total(pushed, "created"),
  updated: total(pushed, "updated"),
  deleted: total(pushed, "deleted"),
  kinds: Object.fromEntries(Object.values(PLURALS).map((kind) => [kind, pushed[kind]])),
  effects: pushed.effects,
  /** What isn't here any more, and stays there: it was not to be deleted. */
  not_deleted: kept,
});

function bodyOf(wanted: readonly Local[], deletes: readonly ProjectName[], base: number): PushBody {
  const of = (kind: ProjectKind) => wanted.filter((one) => one.kind === kind).map(({ text }) => text);
  return {
    base_revision: base,
    agents: of("agent"),
    entityTypes: of("entityType"),
    roles: of("role"),
    triggers: of("trigger"),
    files: of("file"),
    delete: [...deletes],
    allow_deletions: deletes.length > 0,
  };
}

/** What a folder remembers once it and the environment are the same, but for what was not deleted there. */
function entriesAfter(here: ReadonlyMap<string, Local>, kept: readonly ProjectName[], state: State) {
  const hashes = new Map(state.entries.map((entry) => [nameKey(entry), entry.hash]));
  return [
    ...[...here.values()].map(({ kind, slug, hash, file }) => ({ kind, slug, hash, file })),
    ...kept.map((name) => ({ ...name, hash: hashes.get(nameKey(name)) ?? "", file: "" })),
  ];
}

/** Shows a plan, and asks, where somebody is there to be asked. @returns whether to go on */
async function agreed({ confirm, say }: Call, plan: Pushed): Promise<boolean> {
  if (!confirm) return true;
  for (const line of planLines(plan)) say(line);
  return await confirm("Push this?");
}

/** Makes the environment what this folder is. @throws CliError */
export async function push(call: Call): Promise<Report> {
  const { folder, remote } = call;
  const [local, state] = await Promise.all([readFolder(folder), remote.state()]);
  await checkPlace(call, state);
  refuseFaults(local.faults, "Nothing was pushed");
  const base = await baseOf(folder, state);
  const difference = differenceOf(local.found, state.entries);
  // What isn't here was deleted here only where it was here before: otherwise it came there since.
  const was = new Set(base?.entries.map(nameKey));
  const gone = difference.deleted.filter((name) => call.force || was.has(nameKey(name)));
  const deletes = call.delete ? gone : [];
  const kept = difference.deleted.filter((name) => !deletes.includes(name));
  const wanted = [...difference.created, ...difference.updated].map((name) =>
    local.found.get(nameKey(name))!,
  );
  const remember = async (revision: number) =>
    await writeBase(folder, {
      version: 1,
      organizationId: state.organization.id,
      environment: state.environment,
      revision,
      entries: entriesAfter(
        local.found,
        gone.filter((name) => !deletes.includes(name)),
        state,
      ),
      read: local.read,
    });
  const notDeleted = gone.length - deletes.length;
  const hint =
    notDeleted > 0
      ? [
          `${notDeleted} ${plural(notDeleted, "definition isn't", "definitions aren't")} here any more and stay there: push with --delete to delete.`,
        ]
      : [];
  if (wanted.length + deletes.length === 0) {
    // A push that was cut off after it had arrived is found out here.
    if (!call.dryRun && difference.deleted.length === gone.length) await remember(state.revision);
    const nothing = { created: 0, updated: 0, deleted: 0 };
    return {
      exitCode: 0,
      lines: [
        `Nothing to push: ${state.environment} is what this folder is.`,
        ...hint,
        "created: 0, updated: 0, deleted: 0",
      ],
      json: {
        environment: state.environment,
        revision: state.revision,
        dry_run: call.dryRun,
        ...nothing,
        effects: [],
        not_deleted: kept,
      },
    };
  }
  if (!base && !call.force)
    throw new CliError(
      `This folder was never pulled from ${state.environment}, so what would be overwritten there isn't known. Pull first, or push with --force.`,
      EXIT.conflict,
    );
  const body = bodyOf(wanted, deletes, base && !call.force ? base.revision : state.revision);
  try {
    if (call.dryRun || call.confirm) {
      const plan = await remote.push({ ...body, dry_run: true });
      if (call.dryRun)
        return {
          exitCode: 0,
          lines: [...planLines(plan), ...hint, `Nothing was changed. It would be ${countsLine(plan)}`],
          json: jsonOf(plan, state, kept),
        };
      if (!(await agreed(call, plan))) throw new CliError("Nothing was pushed.");
    }
    const done = await remote.push(body);
    await remember(done.revision);
    const shown = call.confirm ? [] : planLines(done);
    return { exitCode: 0, lines: [...shown, ...hint, countsLine(done)], json: jsonOf(done, state, kept) };
  } catch (error) {
    if (!(error instanceof MovedError)) throw error;
    throw new CliError(movedLines(error, local.found).join("\n"), EXIT.conflict, error.details);
  }
}

/** Makes production what development is, as both stand in Studio. The key must be for production. @throws CliError */
export async function deploy(call: Call): Promise<Report> {
  const state = await call.remote.state();
  await checkPlace({ ...call, environment: call.environment ?? "production" }, state);
  const body: PushBody = { base_revision: state.revision, from: "development" };
  const plan = await call.remote.push({ ...body, dry_run: true });
  const deletions = total(plan, "deleted");
  if (call.dryRun || total(plan, "created") + total(plan, "updated") + deletions === 0)
    return { exitCode: 0, lines: [...planLines(plan), countsLine(plan)], json: jsonOf(plan, state, []) };
  if (deletions > 0 && !call.delete)
    throw new CliError(
      [
        ...planLines(plan),
        `Nothing was changed: ${deletions} ${plural(deletions, "definition", "definitions")} of production would be deleted. Deploy with --delete if that's meant.`,
      ].join("\n"),
    );
  if (!(await agreed(call, plan))) throw new CliError("Nothing was deployed.");
  const done = await call.remote.push({ ...body, allow_deletions: call.delete });
  const shown = call.confirm ? [] : planLines(done);
  return { exitCode: 0, lines: [...shown, countsLine(done)], json: jsonOf(done, state, []) };
}

/** What is different, here and there; with `fields`, field by field. */
export async function status(call: Call, fields: boolean): Promise<Report> {
  const { folder, remote } = call;
  const [local, state] = await Promise.all([readFolder(folder), remote.state()]);
  await checkPlace(call, state);
  const base = await baseOf(folder, state);
  const difference = differenceOf(local.found, state.entries);
  const behind = base !== null && base.revision !== state.revision;
  const lines = [
    `${state.organization.name}, ${state.environment}, revision ${state.revision}${behind ? ` (pulled: ${base.revision})` : ""}${base ? "" : " (never pulled here)"}`,
  ];
  const there = new Map<string, unknown>();
  if (fields) {
    const pulled = await remote.pull();
    for (const [kind, key] of Object.entries(PLURALS) as [ProjectKind, keyof typeof pulled & "agents"][])
      for (const text of pulled[key]) {
        const value = JSON.parse(text) as Record<string, unknown>;
        there.set(nameKey({ kind, slug: String(value.slug ?? value.path ?? value.name) }), value);
        if (kind === "role") there.set(nameKey({ kind, slug: String(value.name) }), value);
      }
  }
  for (const [what, mark] of Object.entries(MARKS) as [keyof typeof MARKS, string][])
    for (const name of difference[what]) {
      lines.push(`${mark} ${nameText(name)}`);
      if (!fields || what !== "updated") continue;
      for (const { path, ...sides } of fieldDifferences(
        there.get(nameKey(name)),
        local.found.get(nameKey(name))?.value,
      ))
        lines.push(`    ${path}: ${show(sides.before)} → ${show(sides.after)}`);
    }
  if (lines.length === 1) lines.push("This folder and the environment are the same.");
  for (const { file, message } of local.faults) lines.push(`! ${file}: ${message}`);
  return {
    exitCode: local.faults.length > 0 ? EXIT.problems : 0,
    lines,
    json: {
      environment: state.environment,
      revision: state.revision,
      base: base?.revision ?? null,
      ...difference,
      faults: local.faults,
    },
  };
}
