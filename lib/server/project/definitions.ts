import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  appliedResponse,
  changesResponse,
  definitionQuery,
  definitionResponse,
  projectResponse,
  promoteBody,
  putDefinitionBody,
  restoreDefinitionBody,
} from "#contracts/project.ts";
import type { Environment } from "#domain/catalog.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";

type Applied = z.infer<typeof appliedResponse>;

/** What an environment has, by name. */
export async function listDefinitions(
  caller: Principal,
  environment: Environment,
): Promise<z.infer<typeof projectResponse>> {
  const { revision, definitions } = await dataFor(caller).query(api.projectDefinitions.names, {
    environment,
  });
  return {
    revision,
    definitions: definitions.map(({ number, ...one }) => ({ ...one, version: number })),
  };
}

/** One definition. @throws HttpError not_found */
export async function getDefinition(
  caller: Principal,
  environment: Environment,
  name: z.infer<typeof definitionQuery>,
): Promise<z.infer<typeof definitionResponse>> {
  const { number, ...found } = await dataFor(caller).query(api.projectDefinitions.get, {
    environment,
    ...name,
  });
  return { ...found, version: number };
}

/** Makes, changes, renames or deletes one. @throws HttpError project_moved | already_exists | invalid_request | forbidden */
export const putDefinition = async (
  caller: Principal,
  environment: Environment,
  { base_revision: baseRevision, ...body }: z.infer<typeof putDefinitionBody>,
): Promise<Applied> =>
  await dataFor(caller).mutation(api.projectEdits.change, { environment, ...body, baseRevision });

/** Brings an earlier version back. @throws HttpError not_found | project_moved | invalid_request | forbidden */
export const restoreDefinition = async (
  caller: Principal,
  environment: Environment,
  { base_revision: baseRevision, version: number, ...name }: z.infer<typeof restoreDefinitionBody>,
): Promise<Applied> =>
  await dataFor(caller).mutation(api.projectEdits.restore, { environment, ...name, number, baseRevision });

/** A page of an environment's changes, the last one first. */
export async function listChanges(
  caller: Principal,
  environment: Environment,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof changesResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) =>
      await dataFor(caller).query(api.projectHistory.pushes, { environment, paginationOpts }),
  );
  return {
    changes: rows.map(({ authorId, authorName, at, undoneBy, ...row }) => ({
      ...row,
      author: authorId === null ? null : { id: authorId, name: authorName ?? "" },
      at: new Date(at).toISOString(),
      undone_by: undoneBy,
    })),
    next_cursor: nextCursor,
  };
}

/** Takes a change back. @throws HttpError not_found | project_moved | too_large | invalid_request | forbidden */
export const undoChange = async (
  caller: Principal,
  environment: Environment,
  revision: number,
): Promise<Applied> => await dataFor(caller).mutation(api.projectEdits.undo, { environment, revision });

/** Takes definitions over from another environment. @throws HttpError project_moved | invalid_request | forbidden */
export const promoteDefinitions = async (
  caller: Principal,
  environment: Environment,
  { from, from_revision: fromRevision, base_revision: baseRevision, names }: z.infer<typeof promoteBody>,
): Promise<Applied> =>
  await dataFor(caller).mutation(api.projectEdits.promote, {
    environment,
    from,
    fromRevision,
    baseRevision,
    names,
  });
