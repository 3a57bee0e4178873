import { createHash } from "node:crypto";
import type { FunctionArgs } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { createdRun, createRunBody, rerunBody } from "#contracts/runs.ts";
import { LIMITS, faultOf } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { actorOf, serviceData } from "../convex/client.ts";
import { startProvisioning } from "../engine/wake.ts";
import { refuse } from "../http/refuse.ts";
import { currentTraceparent } from "../request-context.ts";
import { beginningOf } from "./create.ts";
import { getSession } from "./read.ts";
import { getRun } from "./read-runs.ts";
import { sendMessage } from "./send-message.ts";
import { webhookFor } from "../webhooks/secret.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Created = z.infer<typeof createdRun>;

type Begun = Awaited<ReturnType<typeof beginningOf>>;

type Rules = z.output<typeof createRunBody>["auto_approve_rules"];
type RunRules = NonNullable<FunctionArgs<typeof api.headlessRuns.start>["rules"]>;

const approvesAll = (rule: Rules[number]): boolean =>
  "tool_pattern" in rule && rule.tool_pattern === "*" && rule.action === "auto_approve";

/** Rules of a run as Convex takes them; those that are switched off are left out. */
const toRules = (rules: Rules): RunRules =>
  rules.flatMap((rule): RunRules => {
    if (!("tool_pattern" in rule)) return "set" in rule ? [rule] : [{ ruleId: rule.id }];
    const { tool_pattern: pattern, action, name, priority, enabled } = rule;
    if (enabled === false) return [];
    return [
      { pattern, action, ...(name !== undefined && { name }), ...(priority !== undefined && { priority }) },
    ];
  });

/** What tells one request from another, in whatever order its fields were sent. */
function digestOf(body: unknown): string {
  const sorted = JSON.stringify(body, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(sorted).digest("hex");
}

const created = async (caller: Caller, runId: string): Promise<Created> => ({
  ...(await getRun(caller, runId)),
  run_id: runId,
});

/** The name that a request has for its run. @throws HttpError invalid_request */
function requestKeyOf(request: Request): string | undefined {
  const given = request.headers.get("idempotency-key") ?? undefined;
  const fault = faultOf(LIMITS.requestKey, given, "Idempotency-Key");
  if (fault !== null) throw refuse("field_invalid", { fault });
  return given;
}

/** A request under the name that it has, if any, and what it asks for. @throws HttpError invalid_request */
function namedBy(request: Request, asked: unknown): { requestKey?: string; digest?: string } {
  const requestKey = requestKeyOf(request);
  return requestKey === undefined ? {} : { requestKey, digest: digestOf(asked) };
}

/**
 * Makes a session and its first run. With a name of the caller's it is made once, however often it is asked for.
 * @param more of a run that repeats another: `like`, the run; `autoApprove`, whether its session approves by itself. Or,
 * of one whose session repeats another: `begun`, what that begins with in place of what `body` says; `repeats`, what was
 * asked for
 * @throws HttpError not_found | unknown_provider | unknown_model | no_key | no_credits | session_limit | invalid_request | already_exists
 */
export async function createRun(
  caller: Caller,
  body: z.output<typeof createRunBody>,
  request: Request,
  { begun: given, ...more }: { like?: string; autoApprove?: boolean; begun?: Begun; repeats?: object } = {},
): Promise<Created> {
  const { input: message, agent_id: agentId, auto_approve_rules: rules, environment, provider, model } = body;
  const { skills_roots: skillsRoots, webhook: asksToBeTold } = body;
  const named = namedBy(request, { ...body, ...more });
  const { requestKey, digest } = named;
  const before =
    requestKey === undefined
      ? null
      : await serviceData().query(api.headlessRuns.known, {
          actor: actorOf(caller),
          requestKey,
          ...(digest !== undefined && { digest }),
          message,
          ...(agentId !== undefined && { agentId }),
        });
  if (before) return await created(caller, before.runId);
  const whole = rules.find((rule) => approvesAll(rule) && (!("enabled" in rule) || rule.enabled !== false));
  const begun =
    given ??
    (await beginningOf(caller, {
      environment,
      ...(provider !== undefined && { provider }),
      ...(model !== undefined && { model }),
      ...(agentId !== undefined && { agentId }),
      ...((whole ?? more.autoApprove) && { autoApprove: true }),
      ...(skillsRoots != null && { skillsRoots }),
    }));
  const told = asksToBeTold && (await webhookFor(caller, asksToBeTold));
  const traceparent = currentTraceparent();
  const { runId, sessionId } = await serviceData().mutation(api.headlessRuns.start, {
    ...begun,
    message,
    ...named,
    rules: toRules(rules.filter((rule) => !approvesAll(rule))),
    ...(more.like !== undefined && { likeRunId: more.like }),
    ...(told && { webhook: told.webhook }),
    ...(traceparent !== undefined && { traceparent }),
  });
  startProvisioning(sessionId);
  return {
    ...(await created(caller, runId)),
    ...(told?.secret !== undefined && { webhook_secret: told.secret }),
  };
}

/**
 * Runs the same input again: in the same session, or, with another model, in one of its own with the same agent and rules.
 * @throws HttpError what sending a message, or making a run, is refused with
 */
export async function rerun(
  caller: Caller,
  runId: string,
  { provider, model }: z.output<typeof rerunBody>,
  request: Request,
): Promise<Created> {
  const run = await getRun(caller, runId);
  const session = await getSession(caller, run.session_id);
  const isSame = provider === undefined || (provider === session.provider && model === session.model);
  if (isSame) {
    const named = namedBy(request, { rerun: runId });
    return await created(caller, await sendMessage(caller, session.id, run.input, named));
  }
  const { environment } = session;
  const body = {
    input: run.input,
    environment,
    auto_approve_rules: [],
    provider,
    model,
    ...(run.agent_id !== null && { agent_id: run.agent_id }),
  };
  return await createRun(caller, body, request, { like: runId, autoApprove: session.autoApprove });
}
