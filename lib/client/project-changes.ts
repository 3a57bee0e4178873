import type { ProjectChange, ProjectChanges, ProjectChangeTexts } from "#contracts/project-changes.ts";
import type { SentBody } from "#contracts/routes.ts";
import { definitionSource, DEFINITION_KINDS } from "#domain/definitions.ts";
import { fieldDifferences } from "#domain/project/difference.ts";
import type { ProjectKind, ProjectName } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { call } from "./api.ts";

export type {
  ProjectChange,
  ProjectChanges,
  ProjectChangeTexts,
  ProjectEffect,
} from "#contracts/project-changes.ts";

/** A sandbox reads files that may never end. */
const LOOK_MS = 180_000;

/** What a session's workspace changes of the project. */
export const readProjectChanges = async (id: string): Promise<ProjectChanges> =>
  await call("GET /api/studio/sessions/{id}/project", { params: { id }, timeoutMs: 60_000 });

/** Has the workspace compared now. */
export const lookAtProject = async (id: string) =>
  await call("POST /api/studio/sessions/{id}/project/look", { params: { id }, timeoutMs: LOOK_MS });

/** One definition: as it was pulled, as the workspace has it, and as it is now. */
export const readProjectChange = async (
  id: string,
  { kind, slug }: ProjectName,
): Promise<ProjectChangeTexts> =>
  await call("GET /api/studio/sessions/{id}/project/definition", { params: { id }, query: { kind, slug } });

export const pushProjectChanges = async (
  id: string,
  body: SentBody<"POST /api/studio/sessions/{id}/project/push">,
) => await call("POST /api/studio/sessions/{id}/project/push", { params: { id }, body, timeoutMs: 60_000 });

/** Takes the session's last push back. @param revision the one that it made */
export const takeBackPush = async (id: string, revision: number) =>
  await call("POST /api/studio/sessions/{id}/project/take-back", {
    params: { id },
    body: { revision },
    timeoutMs: 60_000,
  });

/** Has files go back to what was pulled, in as many requests as that takes. */
export async function discardProjectChanges(id: string, definitions: readonly ProjectName[]): Promise<void> {
  const { discarded } = PROJECT_LIMITS;
  for (let from = 0; from < definitions.length; from += discarded)
    await call("POST /api/studio/sessions/{id}/project/discard", {
      params: { id },
      body: { definitions: definitions.slice(from, from + discarded) },
      timeoutMs: LOOK_MS,
    });
}

export const handOverProjectChanges = async (
  id: string,
  body: SentBody<"POST /api/studio/sessions/{id}/project/hand-over">,
) => await call("POST /api/studio/sessions/{id}/project/hand-over", { params: { id }, body });

/** Brings what others have changed into the workspace. */
export const updateWorkspaceProject = async (id: string) =>
  await call("POST /api/studio/sessions/{id}/project/update", { params: { id }, timeoutMs: LOOK_MS });

/** Compares the workspace with a later revision. */
export const compareProject = async (id: string, revision: number) =>
  await call("POST /api/studio/sessions/{id}/project/compare", {
    params: { id },
    body: { revision },
    timeoutMs: LOOK_MS,
  });

/** A definition's text as a value; null where it is not there. */
export function valueOf(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}

/** A definition as its file has it, written as a pull writes it. */
export function sourceOf(kind: ProjectKind, text: string | null): string | null {
  const value = valueOf(text);
  if (!value) return null;
  const known = DEFINITION_KINDS.find((one) => one.kind === kind);
  return known ? definitionSource(known, value) : String(value.text);
}

/** One field that a workspace has otherwise; a side is undefined where the field is not there. */
export interface ChangedField {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** What is different field by field; of what is new or deleted, each field at its top. */
export const changedFields = (before: string | null, after: string | null): ChangedField[] =>
  fieldDifferences(valueOf(before) ?? {}, valueOf(after) ?? {});

/** A value as people read it. */
export const shownValue = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);

/** Whether two values are better compared line by line. */
export const isLong = (...values: unknown[]): boolean =>
  values.some((value) => {
    if (value === undefined) return false;
    const text = shownValue(value);
    return text.length > 100 || text.includes("\n");
  });

/** What a change is, in a few words: `prompt, model.temperature`. */
export function summaryOf({ change, fields, fieldCount, kind }: ProjectChange): string {
  if (change !== "updated") return change === "created" ? "New" : "Deleted";
  if (kind === "file") return "Changed";
  const shown = fields.slice(0, 3).map((path) => (path === "" ? "All of it" : path));
  return fieldCount > shown.length
    ? `${shown.join(", ")} and ${fieldCount - shown.length} more`
    : shown.join(", ");
}
