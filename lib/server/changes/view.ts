import type { FunctionReturnType, FunctionReference } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { ProjectChanges, ProjectChangeTexts } from "#contracts/project-changes.ts";
import { checkText } from "#domain/project/check.ts";
import { fieldDifferences } from "#domain/project/difference.ts";
import { effectsOf } from "#domain/project/effects.ts";
import { nameKey, type Project, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";

const PAGE = 100;
const MAX_FIELDS = 20;
const MAX_EFFECTS = 500;
/** Characters of a field's path, and of an effect's sentence: both have names out of definitions in them. */
const MAX_CHARS = 500;

const shortened = (effects: ReturnType<typeof effectsOf>) =>
  effects.slice(0, MAX_EFFECTS).map(({ message, ...effect }) => ({
    ...effect,
    message: message.length > MAX_CHARS ? `${message.slice(0, MAX_CHARS - 1)}…` : message,
  }));

type Value = ProjectName & { value: Record<string, unknown> };
type Pages = typeof api.sessionProject.definitions | typeof api.sessionProject.texts;
type Row<F extends FunctionReference<"query">> =
  FunctionReturnType<F> extends { page: (infer R)[] } ? R : never;

async function everyPage<F extends Pages>(caller: Principal, fn: F, sessionId: string): Promise<Row<F>[]> {
  const found: Row<F>[] = [];
  for (let cursor: string | null = null; ;) {
    const { page, isDone, continueCursor }: FunctionReturnType<Pages> = await dataFor(caller).query(fn, {
      sessionId,
      paginationOpts: { numItems: PAGE, cursor },
    });
    found.push(...(page as Row<F>[]));
    if (isDone) return found;
    cursor = continueCursor;
  }
}

/** A stored text as a value; one that can't be read counts as not there. */
function valueOf({ kind, slug }: ProjectName, text: string): Value | null {
  // What was stored before it was checked may not have the shape that its kind has now.
  const read = checkText(kind, text);
  return read.ok ? { kind, slug, value: read.value } : null;
}

/** A session's environment as it is, and the texts that its workspace has otherwise, by their hashes. */
async function bothSides(caller: Principal, sessionId: string) {
  const [rows, texts] = await Promise.all([
    everyPage(caller, api.sessionProject.definitions, sessionId),
    everyPage(caller, api.sessionProject.texts, sessionId),
  ]);
  const before = new Map<string, Value>();
  for (const { text, ...name } of rows) {
    const read = valueOf(name, text);
    if (read) before.set(nameKey(name), read);
  }
  const changed = new Map<string, Value>();
  for (const { text, hash, ...name } of texts) {
    const read = valueOf(name, text);
    if (read) changed.set(hash, read);
  }
  return { before, changed };
}

/** What an environment would be with some of a workspace's definitions. */
function withChosen(
  before: Project,
  changed: ReadonlyMap<string, Value>,
  chosen: readonly { kind: ProjectKind; slug: string; hash: string | null }[],
): Project {
  const after = new Map(before);
  for (const { hash, ...name } of chosen) {
    const text = hash === null ? undefined : changed.get(hash);
    if (text) after.set(nameKey(name), text);
    else if (hash === null) after.delete(nameKey(name));
  }
  return after;
}

/** What it would mean to push some of a workspace's definitions, as Studio computes it. */
export async function effectsOfChosen(
  caller: Principal,
  sessionId: string,
  chosen: readonly { kind: ProjectKind; slug: string; hash: string | null }[],
) {
  const { before, changed } = await bothSides(caller, sessionId);
  const after = withChosen(before, changed, chosen);
  return {
    effects: shortened(effectsOf(before, after, new Date())),
    created: chosen.filter(({ hash, ...name }) => hash !== null && !before.has(nameKey(name))),
    updated: chosen.filter(({ hash, ...name }) => hash !== null && before.has(nameKey(name))),
    deleted: chosen.filter(({ hash, ...name }) => hash === null && before.has(nameKey(name))),
  };
}

/** What a session's workspace changes of its project, and what that means. @throws HttpError not_found | forbidden */
export async function projectChanges(caller: Principal, sessionId: string): Promise<ProjectChanges> {
  const data = dataFor(caller);
  const found = await data.query(api.sessionProject.get, { sessionId });
  if (!found) {
    const { environment } = await data.query(api.sandboxSessions.get, { sessionId });
    const none = { changes: [], unlisted: 0, faults: [], effects: [], at: null, problem: null, pushed: null };
    return { environment, base: 0, revision: 0, ...none };
  }
  if (found.changes.length === 0) return { ...found, changes: [], effects: [] };
  const { before, changed } = await bothSides(caller, sessionId);
  const after = withChosen(before, changed, found.changes);
  return {
    ...found,
    changes: found.changes.map((change) => {
      const was = before.get(nameKey(change))?.value;
      const is = change.hash === null ? undefined : changed.get(change.hash)?.value;
      const fields = was && is ? fieldDifferences(was, is).map(({ path }) => path) : [];
      return {
        ...change,
        fields: fields.slice(0, MAX_FIELDS).map((path) => path.slice(0, MAX_CHARS)),
        fieldCount: fields.length,
      };
    }),
    effects: shortened(effectsOf(before, after, new Date())),
  };
}

/** One definition that a workspace changes: as it has it, as it was pulled, and as it is now. @throws HttpError not_found */
export const projectChange = async (
  caller: Principal,
  sessionId: string,
  name: ProjectName,
): Promise<ProjectChangeTexts> =>
  await dataFor(caller).query(api.sessionProject.definition, { sessionId, ...name });
