import { randomUUID } from "node:crypto";
import { api } from "../../../convex/_generated/api.js";
import { costMicroUsd, findModel } from "../../domain/catalog.ts";
import { isLive } from "../../domain/lifecycle.ts";
import { serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { type GatewaySession, sessionOfToken } from "./tokens.ts";
import { UsageMeter } from "./usage.ts";

/** Where a provider's calls go, which of its paths may be called, and with what key. */
interface Upstream {
  baseUrl: string;
  paths: readonly string[];
  headers: Record<string, string>;
}

function upstreamOf(provider: string): Upstream | null {
  const { DEMO_MODEL_URL } = env();
  if (provider === "demo" && DEMO_MODEL_URL)
    return { baseUrl: DEMO_MODEL_URL.replace(/\/$/, ""), paths: ["v1/chat/completions"], headers: {} };
  return null;
}

const MAX_REQUEST_BYTES = 32_000_000;
/** A provider that cannot be reached is tried again for this long, before the agent is told. */
const CONNECT_MS = 3_000;
const RETRY_MS = 300;
/** A call that was made is counted, though the database is out of reach for this long. */
const RECORD_MS = 10 * 60_000;
/** Headers that belong to the connection with the sandbox, or that hold its token. */
const KEPT_BACK = new Set([
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "cookie",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "keep-alive",
  "proxy-connection",
]);

/** An error in the form that OpenAI's clients read. */
function refusal(status: number, code: string, message: string): Response {
  return Response.json({ error: { message, type: "studio_gateway", code, param: null } }, { status });
}

function tokenOf(headers: Headers): string | undefined {
  return (
    /^Bearer (\S+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? headers.get("x-api-key") ?? undefined
  );
}

function forwarded(headers: Headers, extra: Record<string, string>): Headers {
  const kept = new Headers(extra);
  for (const [name, value] of headers)
    if (!KEPT_BACK.has(name) && !name.startsWith("x-forwarded-") && !kept.has(name)) kept.set(name, value);
  return kept;
}

/** The request with `stream_options.include_usage`, without which a streamed answer has no figures. */
function withUsage(body: { stream?: unknown; stream_options?: unknown }, raw: Buffer): Buffer {
  if (body.stream !== true) return raw;
  const options = body.stream_options as { include_usage?: unknown } | undefined;
  if (options?.include_usage === true) return raw;
  return Buffer.from(JSON.stringify({ ...body, stream_options: { ...options, include_usage: true } }));
}

async function readBody(request: Request): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

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

interface Call {
  session: GatewaySession;
  requestId: string;
}

async function record({ session, requestId }: Call, meter: UsageMeter): Promise<void> {
  const usage = meter.end();
  const found = findModel(session.provider, session.model);
  if (!usage || !found) return;
  const args = {
    sessionId: session.sessionId,
    requestId,
    provider: session.provider,
    model: session.model,
    ...usage,
    costMicroUsd: costMicroUsd(found.model, usage),
  };
  await persistently("usage", RECORD_MS, async () => await serviceData().mutation(api.usage.record, args));
}

async function recordError(
  { session, requestId }: Call,
  status: number,
  error: string,
  retryAfterMs?: number,
) {
  const { sessionId, provider, model } = session;
  await serviceData()
    .mutation(api.usage.recordError, {
      sessionId,
      provider,
      model,
      requestId,
      status,
      error,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
    .catch((failure: unknown) =>
      log("warn", "a model error was not recorded", { error: messageOf(failure) }),
    );
}

/** The provider's answer, passed on as it comes. It is read to its end even where the agent goes away: it costs all the same. */
function passOn(body: ReadableStream<Uint8Array>, meter: UsageMeter, done: () => Promise<void>) {
  const reader = body.getReader();
  let gone = false;
  const finish = () =>
    done().catch((error: unknown) =>
      log("error", "a model call was not recorded", { error: messageOf(error) }),
    );
  const drain = async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) meter.push(next.value);
    await finish();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done: over, value } = await reader.read();
        if (over) {
          await finish();
          if (!gone) controller.close();
          return;
        }
        meter.push(value);
        controller.enqueue(value);
      } catch (error) {
        await finish();
        controller.error(error);
      }
    },
    cancel() {
      gone = true;
      drain().catch((error: unknown) => log("warn", "an answer broke off", { error: messageOf(error) }));
    },
  });
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/**
 * Passes one model call on: the session's token is checked, the real key put in, the provider's figures counted.
 * Only the session's own provider and model, and only the paths that make completions.
 */
export async function gateway(
  request: Request,
  provider: string,
  path: readonly string[],
): Promise<Response> {
  const token = tokenOf(request.headers);
  let session: GatewaySession | null;
  try {
    session = token === undefined ? null : await sessionOfToken(token);
  } catch (error) {
    log("warn", "a gateway token could not be checked", { error: messageOf(error) });
    return refusal(503, "unavailable", "Studio cannot reach its database right now. Try again in a moment.");
  }
  if (!session || !isLive(session.status) || session.provider !== provider)
    return refusal(401, "invalid_token", "This session's token is not valid (any more).");
  const upstream = upstreamOf(provider);
  if (!upstream) return refusal(404, "unknown_provider", `The provider ${provider} is not set up here.`);
  const target = path.join("/");
  if (!upstream.paths.includes(target))
    return refusal(404, "unknown_path", `The gateway does not pass on /${target}.`);
  const raw = await readBody(request);
  if (!raw) return refusal(413, "too_large", `A model call may have at most ${MAX_REQUEST_BYTES} bytes.`);
  let body: { model?: unknown; stream?: unknown; stream_options?: unknown };
  try {
    body = JSON.parse(raw.toString("utf8"));
  } catch {
    return refusal(400, "invalid_json", "The body is not valid JSON.");
  }
  if (body.model !== session.model)
    return refusal(403, "model_not_allowed", `This session may only use ${session.model}.`);

  const call = { session, requestId: randomUUID() };
  let answer: Response;
  try {
    answer = await reach(`${upstream.baseUrl}/${target}`, {
      method: "POST",
      headers: forwarded(request.headers, upstream.headers),
      body: new Uint8Array(withUsage(body, raw)),
      redirect: "error",
    });
  } catch (error) {
    log("warn", "a provider could not be reached", {
      provider,
      error: messageOf((error as Error).cause ?? error),
    });
    const sentence = `${findModel(provider, session.model)?.provider.name ?? provider} could not be reached, so the agent got no answer.`;
    await recordError(call, 502, sentence);
    // Not a 5xx: the agent would try again in silence for minutes.
    return refusal(424, "provider_unreachable", sentence);
  }
  if (!answer.ok)
    await recordError(
      call,
      answer.status,
      `The provider answered ${answer.status}.`,
      retryAfterMs(answer.headers),
    );
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"])
    headers.delete(name);
  headers.set("x-request-id", call.requestId);
  // The web server would compress the stream, which holds each piece up.
  headers.set("cache-control", "no-store, no-transform");
  if (!answer.body) return new Response(null, { status: answer.status, headers });
  const meter = new UsageMeter(answer.headers.get("content-type"));
  return new Response(
    passOn(answer.body, meter, async () => await record(call, meter)),
    { status: answer.status, headers },
  );
}
