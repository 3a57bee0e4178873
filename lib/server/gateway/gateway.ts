import { type Given, type ProblemKind, problemFor } from "#domain/problems.ts";
import { randomUUID } from "node:crypto";
import { api } from "#convex/_generated/api.js";
import { isLive, MAX_FRUITLESS_CALLS } from "#domain/lifecycle.ts";
import { forgetKey } from "../keys/own-key.ts";
import { keyOwner, type Upstream, upstreamOf } from "../keys/upstream.ts";
import { serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { env } from "../env.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { log, messageOf } from "../log.ts";
import { HttpError } from "../http/error.ts";
import { takeCall } from "../http/seats.ts";
import { retry } from "#net/retry.ts";
import { causesOf, transportKindOf } from "#net/transport.ts";
import { guardedFetch } from "../net/guarded-fetch.ts";
import { inRequestContext } from "../request-context.ts";
import { metrics, openSpan } from "../telemetry/telemetry.ts";
import { queryWithoutKey, requestHeaders, responseHeaders, retryAfterMs, tokenOf } from "./headers.ts";
import { type Held, holdFor, type HoldRefused, release } from "./holds.ts";
import { maxOutputOf, withMaxOutput } from "./output-limit.ts";
import { type Call, recordFailure } from "./record.ts";
import { type Answered, answered, type Asked, passAnswer } from "./answer.ts";
import { endsWithTools } from "./ending.ts";
import { heldBody, retryDelayMs, withoutKey } from "./refused.ts";
import { ProviderSilent } from "./relay.ts";
import { callsPerMinute, mayCall } from "./rate.ts";
import { MAX_REQUEST_BYTES, readCall } from "./request.ts";
import { type GatewayCaller, type GatewaySession, holderOf, sessionOfToken } from "./tokens.ts";
import { errorFormatOf, refusal, refused, type Target, targetOf } from "./wire.ts";

/** A provider that cannot be reached is tried again for this long, before the agent is told. */
const CONNECT_MS = 10_000;
const RETRY_MS = 300;
/** How often a call is made again whose connection broke before anything was answered, as the providers' own clients do. */
const MAX_BROKEN = 2;
/** How soon an agent asks again whose session waits for a person: at its cap, or with a key that was refused. */
const PERSON_RETRY_S = 5;

const silenceMs = () => env().STUDIO_MODEL_SILENCE_SECONDS * 1_000;

/** Limits a request until its answer begins. @throws ProviderSilent where it does not begin in time */
async function begun(request: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new ProviderSilent()), silenceMs());
  try {
    return await request(silent.signal);
  } catch (error) {
    throw silent.signal.aborted ? silent.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Makes a request, and again where there is no way to the provider for a moment. @throws what the last try threw */
async function reach(request: () => Promise<Response>): Promise<Response> {
  let broken = 0;
  return await retry(request, {
    timeoutMs: CONNECT_MS,
    pauseMs: RETRY_MS,
    isPassing: (error) => {
      const kind = transportKindOf(error);
      if (kind === "reset") broken += 1;
      return kind === "refused" || (kind === "reset" && broken <= MAX_BROKEN);
    },
  });
}

/** The organization's own key is no longer used until somebody tests or replaces it. */
async function noteRejectedKey({ session, upstream }: Call, status: number): Promise<void> {
  const { organizationId } = session;
  const provider = keyOwner(session);
  await serviceData()
    .mutation(api.providerKeys.markRejected, {
      organizationId,
      provider,
      statusDetail: `${upstream.name} rejected the key during a session (${status}).`,
    })
    .catch((error: unknown) => log("warn", "a rejected key was not noted", { error: messageOf(error) }));
  forgetKey(organizationId, provider);
}

/** The agent waits and asks again, while a person replaces the key or lets another payer go on. */
async function waitForKey(call: Call, target: Target, status: number): Promise<Response> {
  const given = { provider: call.upstream.name, status };
  await recordFailure(call, { status, error: problemFor("gateway_refused", given).message, waits: true });
  return waiting(target, "gateway_key_rejected", given);
}

/** A provider's refusal, noted on the session and passed on as it came; one of the organization's own key waits. */
async function passRefusal(call: Call, target: Target, answer: Response): Promise<Response> {
  const { status } = answer;
  const body = await heldBody(answer);
  await release(call);
  metrics().modelCall(call.session.provider, "refused", performance.now() - call.startedAt);
  if ((status === 401 || status === 403) && call.session.keySource !== "platform") {
    await noteRejectedKey(call, status);
    return await waitForKey(call, target, status);
  }
  await recordFailure(call, {
    status,
    error: problemFor("gateway_refused", { provider: call.upstream.name, status }).message,
    retryAfterMs: retryAfterMs(answer.headers, new Date()) ?? retryDelayMs(body),
    waits: status === 429 || status >= 500,
  });
  return new Response(new Uint8Array(withoutKey(body, call.upstream.key)), {
    status,
    headers: responseHeaders(answer.headers, call.requestId),
  });
}

/** Makes the call with the real key. A provider out of reach gives an answer that the agent does not repeat. */
async function send(
  call: Call,
  held: Held,
  target: Target,
  request: Request,
  { bytes, asked }: { bytes: Uint8Array; asked: Asked },
): Promise<Answered> {
  const { upstream } = call;
  const base = upstream.endpoints[target.format] ?? "";
  let answer: Response;
  try {
    const url = `${base}/${target.path}${queryWithoutKey(request.url)}`;
    const headers = requestHeaders(request.headers, target.format, upstream.key);
    const body = bytes as Uint8Array<ArrayBuffer>;
    const init = { method: "POST", headers, body };
    const policy = upstream.guarded ? guardPolicy() : null;
    answer = await begun(
      async (signal) =>
        await reach(async () =>
          policy
            ? await guardedFetch(url, { ...init, signal }, policy)
            : await fetch(url, { ...init, signal, redirect: "error", cache: "no-store" }),
        ),
    );
  } catch (error) {
    log("warn", "a provider could not be reached", {
      provider: upstream.route,
      error: causesOf(error),
    });
    const { name: provider } = upstream;
    const { code, message } =
      error instanceof ProviderSilent
        ? problemFor("gateway_silent", { provider, seconds: silenceMs() / 1_000 })
        : problemFor("gateway_unreachable", { provider });
    await release(call);
    metrics().modelCall(call.session.provider, "failed", performance.now() - call.startedAt);
    const status = error instanceof ProviderSilent ? 504 : 502;
    await recordFailure(call, { status, error: message, waits: false });
    // Not a 5xx: the agent would try again in silence for minutes.
    return answered(refusal(target.format, 424, code, message));
  }
  return answer.ok
    ? await passAnswer(call, held, target, answer, { signal: request.signal, asked })
    : answered(await passRefusal(call, target, answer));
}

/** An answer after which the agent asks again by itself. */
function waiting<K extends ProblemKind>(target: Target, kind: K, ...given: Given<K>): Response {
  const response = refused(target.format, 429, kind, ...given);
  response.headers.set("retry-after", String(PERSON_RETRY_S));
  return response;
}

/** At the cap or a monthly limit the agent waits and asks again, while a person decides; without credits its run ends with a sentence. */
function refusedByMeans(target: Target, decision: HoldRefused): Response {
  if (decision.reason === "held") return waiting(target, "gateway_held");
  if (decision.reason === "session_cap") return waiting(target, "gateway_cap");
  if (decision.reason === "limit") return waiting(target, "gateway_limit", { subject: decision.subject });
  if (decision.reason === "loop") return waiting(target, "gateway_loop");
  if (decision.reason === "loop_denied") return refused(target.format, 424, "gateway_loop_denied");
  if (decision.reason === "frozen") return refused(target.format, 403, "gateway_frozen");
  // Nobody decides on it: the run is over.
  if (decision.reason === "run_cap") return refused(target.format, 424, "gateway_run_cap");
  if (decision.reason === "fruitless")
    return refused(target.format, 424, "gateway_fruitless", {
      calls: MAX_FRUITLESS_CALLS,
      // The agent tries again for long where a refusal names an error as providers do (OpenCode 1.18.33).
      because: decision.because.replace(/ \([^)]*\)/, ""),
    });
  return refused(target.format, 402, "gateway_credits");
}

/**
 * Passes one model call on: the session's token is checked, the real key put in, the provider's figures counted.
 * Only the session's own way and model, and only the paths that make completions. The gateway's own refusals have
 * the form of the format that was asked for.
 * @param route the provider's part of the address: a provider's id, `openrouter`, or an endpoint of one's own
 * @param segments what follows it
 */
export async function gateway(
  request: Request,
  route: string,
  segments: readonly string[],
): Promise<Response> {
  // A colon in it, as in `compatible:name`, may come escaped.
  const wanted = route.replaceAll(/%3a/gi, ":");
  const format = errorFormatOf(segments);
  const token = tokenOf(request);
  let session: GatewaySession | null;
  let upstream: Upstream | null = null;
  try {
    session = token === undefined ? null : await sessionOfToken(token);
    if (!session || !isLive(session.status)) return refused(format, 401, "gateway_token");
    upstream = await upstreamOf(session, wanted);
  } catch (error) {
    if (error instanceof HttpError && error.code === "key_unreadable")
      return refused(format, 403, "gateway_key_unreadable", { provider: wanted });
    log("warn", "a gateway token could not be checked", { error: messageOf(error) });
    return refused(format, 503, "gateway_database");
  }
  if (!upstream) return refused(format, 403, "gateway_provider", { provider: wanted });
  const target = request.method === "POST" ? targetOf(segments) : null;
  if (!target || upstream.endpoints[target.format] === undefined)
    return refused(format, 404, "gateway_path", { method: request.method, path: `/${segments.join("/")}` });
  return await passOn(session, upstream, target, request);
}

/**
 * Makes one model call for somebody who is known: counted, held, made with the real key, and metered.
 * @throws HttpError where a person may not have it made
 */
export async function passOn(
  session: GatewayCaller,
  upstream: Upstream,
  target: Target,
  request: Request,
): Promise<Response> {
  const { format } = target;
  const bytes = announcedBytes(request);
  if (bytes > MAX_REQUEST_BYTES)
    return refused(format, 413, "gateway_body_large", { maxBytes: MAX_REQUEST_BYTES });
  if (!(await mayCall(session))) return waiting(target, "gateway_rate", { limit: callsPerMinute() });
  const place = takeCall({ holder: holderOf(session), organizationId: session.organizationId }, bytes);
  if (!place) return waiting(target, "gateway_calls");
  const requestId = randomUUID();
  const span = openSpan("model.call", {
    kind: "client",
    parent: session.traceparent,
    attributes: { provider: session.provider, model: session.model, requestId },
  });
  const call = { session, upstream, requestId, place, span, startedAt: performance.now() };
  const { traceId } = span;
  let relayed = false;
  let response: Response | undefined;
  try {
    const answered = await inRequestContext(
      { requestId, ...(traceId !== undefined && { traceId }) },
      async () => await span.within(async () => await checked(call, target, request)),
    );
    ({ relayed, response } = answered);
    return response;
  } finally {
    // An answer that is passed on gives its place back at its end.
    if (!relayed) {
      place.leave();
      span.set({ "http.response.status_code": response?.status ?? 500 });
      span.end();
    }
  }
}

/** How long a call says that it is; as long as one can be, where it does not say. */
function announcedBytes({ headers }: Request): number {
  const bytes = Number(headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : MAX_REQUEST_BYTES;
}

/** Looks into a call, holds what it may cost, and makes it. */
async function checked(call: Call, target: Target, request: Request): Promise<Answered> {
  const { session, upstream } = call;
  const onCredits = session.keySource === "platform";
  const read = await readCall(request, target, {
    modelId: upstream.modelId,
    name: upstream.model.name,
    meteredOnly: onCredits,
  });
  if (!read.ok) return answered(refusal(target.format, read.status, read.code, read.message));
  call.place.measured(read.bytes.length);
  // Known to be refused: the provider is not asked again in vain.
  if (upstream.rejected) return answered(await waitForKey(call, target, 401));
  let hold: Awaited<ReturnType<typeof holdFor>>;
  try {
    hold = await holdFor(call, target.format, read);
  } catch (error) {
    // That they may not: for the person to read.
    if (session.by && refusalOf(error)) throw error;
    log("warn", "a call could not be reserved", { error: messageOf(error) });
    return answered(refused(target.format, 503, "gateway_database"));
  }
  if (!hold.ok) return answered(refusedByMeans(target, hold));
  // Only where it asks for more than is left, or on credits for more than is held: all else passes as it came.
  const { outputTokens } = upstream.model;
  const wanted = maxOutputOf(target.format, read.body) ?? outputTokens;
  const clamped = hold.maxOutputTokens < (onCredits ? wanted : Math.min(wanted, outputTokens));
  const text = () => Buffer.from(read.bytes).toString("utf8");
  const bytes = clamped
    ? Buffer.from(withMaxOutput(target.format, text(), read.body, hold.maxOutputTokens))
    : read.bytes;
  const asked = {
    streaming: read.streaming,
    afterTools: endsWithTools(target.format, read.body),
    withTools: Array.isArray(read.body.tools) && read.body.tools.length > 0,
  };
  return await send(call, hold, target, request, { bytes, asked });
}
