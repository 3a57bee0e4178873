import type { FunctionArgs, FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { repeatBody, repeatPlan, repeatResponse } from "#contracts/repeats.ts";
import { LIMITS } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import { type Gap, gapId, gapText, repeatTitle } from "#domain/repeat.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { startProvisioning } from "../engine/wake.ts";
import { repositoryToStart } from "../git/start.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { templateKey } from "../sandbox/snapshots.ts";
import { chosenModel } from "./create.ts";
import { createRun } from "./headless.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Plan = FunctionReturnType<typeof api.sessionRepeats.plan>;
type Begun = FunctionArgs<typeof api.sandboxSessions.create>;
type Chosen = Awaited<ReturnType<typeof chosenModel>>;

async function planOf(caller: Caller, sessionId: string, runId?: string): Promise<Plan> {
  return await serviceData().query(api.sessionRepeats.plan, {
    actor: actorOf(caller),
    sessionId,
    template: templateKey(),
    ...(runId !== undefined && { runId }),
  });
}

/** The commits that the session began from, as far as their repositories can still be had. */
async function repositoriesTo(caller: Caller, { repositories }: Plan) {
  const found: NonNullable<Begun["repositories"]> = [];
  const gaps: Gap[] = [];
  await Promise.all(
    repositories.map(async ({ repository, ...wanted }) => {
      const { connection, url, full, base } = wanted;
      try {
        await repositoryToStart(caller, { connection, url, full, ref: base.commit });
        found.push(wanted);
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        gaps.push({ kind: "repository", name: repository, parts: [error.message] });
      }
    }),
  );
  const order = repositories.map(({ url }) => url);
  return { found: found.toSorted((a, b) => order.indexOf(a.url) - order.indexOf(b.url)), gaps };
}

/** The gap that a model leaves which is no longer offered; none where it is. */
function modelGap({ session }: Plan, chosen: Chosen | null): Gap[] {
  const { model } = session;
  if (chosen?.model === model) return [];
  return [{ kind: "model", name: model, parts: chosen ? [chosen.model] : [] }];
}

const RETIRED: readonly string[] = ["unknown_provider", "unknown_model"];

/**
 * What of a session can't be had as it was, before anything begins.
 * @throws HttpError not_found
 */
export async function planRepeat(caller: Caller, sessionId: string): Promise<z.infer<typeof repeatPlan>> {
  const plan = await planOf(caller, sessionId);
  const [repositories, model] = await Promise.all([
    repositoriesTo(caller, plan),
    chosenModel(caller, plan.session).then(
      (chosen) => modelGap(plan, chosen),
      (error: unknown) => {
        if (!(error instanceof HttpError)) throw error;
        // Who pays is another matter: that it can't be paid is said when it begins.
        return RETIRED.includes(error.code) ? modelGap(plan, null) : [];
      },
    ),
  ]);
  const gaps = [...model, ...repositories.gaps, ...plan.gaps];
  return {
    gaps: gaps.map((gap) => ({ id: gapId(gap), kind: gap.kind, name: gap.name, detail: gapText(gap) })),
  };
}

/**
 * Begins a session with what another one began with, and has it do one of that one's runs again where that is named. What
 * can't be had as it was, and the caller has not accepted, refuses it.
 * @throws HttpError repeat_differs; what creating a session, or a run, is refused with
 */
export async function repeatSession(
  caller: Caller,
  sessionId: string,
  { run_id: runId, accept, title, provider, model }: z.output<typeof repeatBody>,
  request: Request,
): Promise<z.infer<typeof repeatResponse>> {
  const plan = await planOf(caller, sessionId, runId);
  const { session, skillsRoots } = plan;
  const [chosen, repositories] = await Promise.all([
    chosenModel(caller, provider !== undefined && model !== undefined ? { provider, model } : session),
    repositoriesTo(caller, plan),
  ]);
  // Convex looks at its own again when it begins.
  const gaps = [...(model === undefined ? modelGap(plan, chosen) : []), ...repositories.gaps, ...plan.gaps];
  const open = gaps.filter((gap) => !accept.includes(gapId(gap)));
  if (open.length > 0) throw refuse("repeat_differs", { differs: open.map(gapText) });
  const begun: Begun = {
    actor: actorOf(caller),
    environment: session.environment,
    ...chosen,
    title: title ?? repeatTitle(session.title, LIMITS.title.max),
    autoApprove: session.autoApprove,
    ...(session.budgetCapMicroUsd !== null && { budgetCapMicroUsd: session.budgetCapMicroUsd }),
    ...(skillsRoots && { skillsRoots }),
    repositories: repositories.found,
    repeats: { sessionId, template: templateKey(), accepted: accept },
  };
  if (plan.input === null) {
    const made = await serviceData().mutation(api.sandboxSessions.create, begun);
    startProvisioning(made.id as Id<"sandboxSessions">);
    return { session_id: made.id, run_id: null };
  }
  const body = { input: plan.input, environment: session.environment, auto_approve_rules: [] };
  const run = await createRun(caller, body, request, {
    begun,
    repeats: { sessionId, accept, provider, model },
  });
  return { session_id: run.session_id, run_id: run.run_id };
}
