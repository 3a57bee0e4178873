import { randomUUID } from "node:crypto";
import { isLive } from "../../domain/lifecycle.ts";
import { type Upstream, upstreamOf } from "../keys/upstream.ts";
import { log, messageOf } from "../log.ts";
import { queryWithoutKey, requestHeaders, responseHeaders, retryAfterMs, tokenOf } from "./headers.ts";
import { type Call, recordFailure, recordUsage, refusalSentence } from "./record.ts";
import { heldBody, retryDelayMs, withoutKey } from "./refused.ts";
import { relay } from "./relay.ts";
import { readCall } from "./request.ts";
import { type GatewaySession, sessionOfToken } from "./tokens.ts";
import { UsageMeter } from "./usage.ts";
import { errorFormatOf, refusal, type Target, targetOf } from "./wire.ts";

/** A provider that cannot be reached is tried again for this long, before the agent is told. */
const CONNECT_MS = 3_000;
const RETRY_MS = 300;

async function reach(url: string, init: RequestInit): Promise<Response> {
  const deadline = Date.now() + CONNECT_MS;
  for (;;) {
    try {
      return await fetch(url, init);
    } catch (error) {
      const refused = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(messageOf((error as Error).cause));
      if (!refused || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** A provider's refusal, noted on the session and passed on as it came. */
async function passRefusal(call: Call, answer: Response): Promise<Response> {
  const body = await heldBody(answer);
  await recordFailure(call, {
    status: answer.status,
    error: refusalSentence(call.upstream.name, answer.status),
    retryAfterMs: retryAfterMs(answer.headers, new Date()) ?? retryDelayMs(body),
  });
  return new Response(new Uint8Array(withoutKey(body, call.upstream.key)), {
    status: answer.status,
    headers: responseHeaders(answer.headers, call.requestId),
  });
}

/** A provider's answer, counted while it passes. */
function passAnswer(call: Call, target: Target, answer: Response, signal: AbortSignal): Response {
  const headers = responseHeaders(answer.headers, call.requestId);
  if (!answer.body) return new Response(null, { status: answer.status, headers });
  const meter = new UsageMeter(target.format, answer.headers.get("content-type"));
  const done = async () => {
    const figures = meter.end();
    if (figures.failure) {
      const { status, type } = figures.failure;
      const error = `${call.upstream.name} broke off its answer (${type}).`;
      await recordFailure(call, { status, error });
    }
    await recordUsage(call, figures);
  };
  const body = relay(answer.body, meter, { signal, done });
  return new Response(body, { status: answer.status, headers });
}

/** Makes the call with the real key. A provider out of reach gives an answer that the agent does not repeat. */
async function send(call: Call, target: Target, request: Request, bytes: Uint8Array): Promise<Response> {
  const { upstream } = call;
  const base = upstream.endpoints[target.format] ?? "";
  let answer: Response;
  try {
    answer = await reach(`${base}/${target.path}${queryWithoutKey(request.url)}`, {
      method: "POST",
      headers: requestHeaders(request.headers, target.format, upstream.key),
      body: bytes as Uint8Array<ArrayBuffer>,
      redirect: "error",
      cache: "no-store",
    });
  } catch (error) {
    log("warn", "a provider could not be reached", {
      provider: upstream.route,
      error: messageOf((error as Error).cause ?? error),
    });
    const sentence = `${upstream.name} could not be reached, so the agent got no answer.`;
    await recordFailure(call, { status: 502, error: sentence });
    // Not a 5xx: the agent would try again in silence for minutes.
    return refusal(target.format, 424, "provider_unreachable", sentence);
  }
  return answer.ok ? passAnswer(call, target, answer, request.signal) : await passRefusal(call, answer);
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
  const refuse = refusal.bind(null, errorFormatOf(segments));
  const token = tokenOf(request);
  let session: GatewaySession | null;
  let upstream: Upstream | null = null;
  try {
    session = token === undefined ? null : await sessionOfToken(token);
    if (!session || !isLive(session.status))
      return refuse(401, "invalid_token", "This session's token is not valid (any more).");
    upstream = await upstreamOf(session, wanted);
  } catch (error) {
    log("warn", "a gateway token could not be checked", { error: messageOf(error) });
    return refuse(503, "unavailable", "Studio cannot reach its database right now. Try again in a moment.");
  }
  if (!upstream) return refuse(403, "wrong_provider", `This session has no key for ${wanted}.`);
  const target = request.method === "POST" ? targetOf(segments) : null;
  if (!target || upstream.endpoints[target.format] === undefined)
    return refuse(
      404,
      "unknown_path",
      `The gateway does not pass on ${request.method} /${segments.join("/")}.`,
    );
  const read = await readCall(request, target, {
    modelId: upstream.modelId,
    name: upstream.model.name,
    meteredOnly: session.keySource === "platform",
  });
  if (!read.ok) return refuse(read.status, read.code, read.message);
  return await send({ session, upstream, requestId: randomUUID() }, target, request, read.bytes);
}
