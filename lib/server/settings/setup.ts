import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import type { putSetupBody, Setup, setupOutputResponse } from "#contracts/setup.ts";
import { api } from "#convex/_generated/api.js";
import type { Environment } from "#domain/catalog.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { setupChanged } from "../engine/wake.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.setupScripts.list>[number];

const at = (moment: number) => new Date(moment).toISOString();
const atOrNull = (moment: number | null) => (moment === null ? null : at(moment));

const show = ({ timeoutSeconds, rebuildHours, updatedAt, preparedAt, build, ...row }: Row): Setup => ({
  ...row,
  timeout_seconds: timeoutSeconds,
  rebuild_hours: rebuildHours,
  updated_at: at(updatedAt),
  prepared_at: atOrNull(preparedAt),
  build: build && {
    id: build.id,
    status: build.status,
    cause: build.cause,
    started_at: at(build.startedAt),
    ended_at: atOrNull(build.endedAt),
    error: build.error,
    refused: build.refused,
  },
});

/** The organization's set-up scripts. */
export async function listSetups(caller: Caller): Promise<Setup[]> {
  return (await dataFor(caller).query(api.setupScripts.list, {})).map(show);
}

/** Saves an environment's script, and has its snapshot built. @throws HttpError invalid_request | forbidden */
export async function saveSetup(
  caller: Caller,
  environment: Environment,
  { timeout_seconds, rebuild_hours, version, ...body }: z.output<typeof putSetupBody>,
): Promise<Setup> {
  const saved = await dataFor(caller).mutation(api.setupScripts.save, {
    environment,
    ...body,
    timeoutSeconds: timeout_seconds,
    rebuildHours: rebuild_hours,
    ...(version !== undefined && { basedOn: version }),
  });
  setupChanged();
  return show(saved);
}

/** Removes an environment's script and its snapshot. @throws HttpError not_found */
export async function removeSetup(caller: Caller, environment: Environment, scope: string): Promise<void> {
  await dataFor(caller).mutation(api.setupScripts.remove, { environment, scope });
  setupChanged();
}

/** Has an environment's snapshot built again. @throws HttpError not_found */
export async function rebuildSetup(caller: Caller, environment: Environment, scope: string): Promise<Setup> {
  const row = await dataFor(caller).mutation(api.setupScripts.rebuild, { environment, scope });
  setupChanged();
  return show(row);
}

/** What the last build of an environment's snapshot printed. */
export async function setupOutput(
  caller: Caller,
  environment: Environment,
  scope: string,
): Promise<z.infer<typeof setupOutputResponse>> {
  const found = await dataFor(caller).query(api.setupScripts.output, { environment, scope });
  return { build_id: found?.buildId ?? null, text: found?.text ?? "" };
}
