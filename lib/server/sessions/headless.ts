import { api } from "#convex/_generated/api.js";
import type { ApprovalRule } from "#contracts/agents.ts";
import type { createdRun, createRunBody, rerunBody } from "#contracts/runs.ts";
import { LIMITS, faultOf } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { actorOf, serviceData } from "../convex/client.ts";
import { startProvisioning } from "../engine/wake.ts";
import { refuse } from "../http/refuse.ts";
import { currentTraceparent } from "../request-context.ts";
import { beginningOf } from "./create.ts";
import { getRun, getSession } from "./read.ts";
import { sendMessage } from "./send-message.ts";
import { webhookFor } from "../webhooks/secret.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Created = z.infer<typeof createdRun>;

/** Whether everything is approved. @throws HttpError where the rules say anything else */
function approvesAll(rules: readonly ApprovalRule[]): boolean {
  const wanted = rules.filter(({ enabled }) => enabled !== false);
  if (wanted.some((rule) => rule.tool_pattern !== "*" || rule.action !== "auto_approve"))
    throw refuse("run_rules");
  return wanted.length > 0;
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

/**
 * Makes a session and its first run. With a name of the caller's it is made once, however often it is asked for.
 * @throws HttpError not_found | unknown_provider | unknown_model | no_key | no_credits | session_limit | invalid_request
 */
export async function createRun(
  caller: Caller,
  body: z.output<typeof createRunBody>,
  request: Request,
): Promise<Created> {
  const { input: message, agent_id: agentId, auto_approve_rules: rules, environment, provider, model } = body;
  const { skills_roots: skillsRoots, webhook: asksToBeTold } = body;
  const requestKey = requestKeyOf(request);
  const asked = { message, ...(agentId !== undefined && { agentId }) };
  const before =
    requestKey === undefined
      ? null
      : await serviceData().query(api.headlessRuns.known, { actor: actorOf(caller), requestKey, ...asked });
  if (before) return await created(caller, before.runId);
  const autoApprove = approvesAll(rules);
  const begun = await beginningOf(caller, {
    environment,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(agentId !== undefined && { agentId }),
    ...(autoApprove && { autoApprove }),
    ...(skillsRoots != null && { skillsRoots }),
  });
  const told = asksToBeTold && (await webhookFor(caller, asksToBeTold));
  const traceparent = currentTraceparent();
  const { runId, sessionId } = await serviceData().mutation(api.headlessRuns.start, {
    ...begun,
    message,
    ...(requestKey !== undefined && { requestKey }),
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
 * Runs the same input again: in the same session, or, with another model, in one of its own with the same agent.
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
  if (isSame) return await created(caller, await sendMessage(caller, session.id, run.input));
  const { environment } = session;
  const body = {
    input: run.input,
    environment,
    auto_approve_rules: [],
    provider,
    model,
    ...(run.agent_id !== null && { agent_id: run.agent_id }),
  };
  return await createRun(caller, body, request);
}
