import type { Event, Routes } from "./_generated/routes.ts";
import { messagesOf } from "./sse.ts";

export type * from "./_generated/routes.ts";

/** A route by its method and path, such as `GET /api/v1/runs`. */
export type RouteName = keyof Routes;
type Given<R extends RouteName> = Omit<Routes[R], "result">;
/** What a route responds with. */
export type Result<R extends RouteName> = Routes[R]["result"];
/** Nothing has to be given where nothing is required. */
type Arguments<R extends RouteName> =
  Record<string, never> extends Given<R> ? [given?: Given<R> & CallOptions] : [given: Given<R> & CallOptions];

interface CallOptions {
  signal?: AbortSignal;
  /** Sent as `Idempotency-Key`, where the route takes one: the same call again does nothing twice. */
  idempotencyKey?: string;
}

export interface StudioOptions {
  /** Where Studio is reached, such as `https://studio.example`. */
  url: string;
  /** A key from Settings › API keys. */
  apiKey: string;
  /** By default the platform's own. */
  fetch?: typeof fetch;
  /** How long a call may take. */
  timeoutMs?: number;
}

/** Why a call was refused, as Studio says it (RFC 9457). */
export class StudioError extends Error {
  override name = "StudioError";
  readonly status: number;
  /** Stable; what a program decides by. `unreadable` where the response is not Studio's. */
  readonly code: string;
  readonly requestId: string | undefined;
  /** After how long another try makes sense, where Studio says so. */
  readonly retryAfterMs: number | undefined;

  constructor(response: Response, problem: { code?: unknown; detail?: unknown } | undefined) {
    const said =
      typeof problem?.detail === "string" ? problem.detail : `Studio responded with HTTP ${response.status}.`;
    super(said);
    this.status = response.status;
    this.code = typeof problem?.code === "string" ? problem.code : "unreadable";
    this.requestId = response.headers.get("x-request-id") ?? undefined;
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  }
}

/** Beyond this the network, not Studio, is what has to be waited for. */
const TIMEOUT_MS = 60_000;
/** Studio sends a sign of life every 15 s. */
const SILENCE_MS = 45_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** Refusals that another try may not meet: too many calls, and a server that is away for a moment. */
const isPassing = (error: unknown): boolean =>
  !(error instanceof StudioError) || error.status >= 500 || [408, 425, 429].includes(error.status);

type Plain = string | number | boolean | undefined;
type Values = Readonly<Record<string, Plain | readonly Plain[]>>;

function addressOf(route: string, params: Values = {}, query: Values = {}): { method: string; path: string } {
  const [method = "", template = ""] = route.split(" ", 2);
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`${route} needs the parameter ${name}.`);
    return encodeURIComponent(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) search.append(name, String(one));
  return { method, path: search.size > 0 ? `${path}?${search}` : path };
}

/** Waits; ends at once where the caller has had enough. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}

/** A client of one Studio, in the name of one API key. */
export class Studio {
  readonly #url: string;
  readonly #apiKey: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  constructor({ url, apiKey, fetch: own = globalThis.fetch, timeoutMs = TIMEOUT_MS }: StudioOptions) {
    this.#url = url.replace(/\/+$/, "");
    this.#apiKey = apiKey;
    this.#fetch = own;
    this.#timeoutMs = timeoutMs;
  }

  async #send(
    route: string,
    given: object & CallOptions,
    accept: string,
    timeout: AbortSignal,
  ): Promise<Response> {
    const { params, query, body, idempotencyKey, signal } = given as {
      params?: Values;
      query?: Values;
      body?: unknown;
    } & CallOptions;
    const { method, path } = addressOf(route, params, query);
    const response = await this.#fetch(this.#url + path, {
      method,
      headers: {
        accept,
        authorization: `Bearer ${this.#apiKey}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (response.ok) return response;
    const problem: unknown = await response.json().catch(() => undefined);
    throw new StudioError(response, typeof problem === "object" && problem !== null ? problem : undefined);
  }

  /**
   * Calls a route.
   * @returns its JSON; null where it has none
   * @throws StudioError where Studio refuses, and what `fetch` throws
   */
  async call<R extends RouteName>(route: R, ...[given]: Arguments<R>): Promise<Result<R>> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const response = await this.#send(route, { ...given }, "application/json", timeout);
    return (response.status === 204 ? null : await response.json()) as Result<R>;
  }

  /**
   * The events of a session from `after` on, as they happen. A connection that breaks off is made again behind the last
   * event that came, so that none is missed or comes twice. It ends with the session, or where `signal` says so.
   * @throws StudioError where Studio refuses for good
   */
  async *events(
    sessionId: string,
    { after = 0, signal }: { after?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<Event> {
    let last = after;
    let waitMs = FIRST_WAIT_MS;
    const isOver = () => signal?.aborted ?? false;
    while (!isOver()) {
      const silence = new AbortController();
      let timer = setTimeout(() => silence.abort(), SILENCE_MS);
      try {
        const given = { params: { id: sessionId }, query: { after: last }, ...(signal && { signal }) };
        const route = "GET /api/studio/sessions/{id}/events";
        const response = await this.#send(route, given, "text/event-stream", silence.signal);
        const watched = response.body?.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform: (piece, controller) => {
              clearTimeout(timer);
              timer = setTimeout(() => silence.abort(), SILENCE_MS);
              controller.enqueue(piece);
            },
          }),
        );
        if (!watched) return;
        for await (const { event, data } of messagesOf(watched)) {
          if (event === "end") return;
          const envelope = JSON.parse(data) as Event;
          if (envelope.seq <= last) continue;
          last = envelope.seq;
          waitMs = FIRST_WAIT_MS;
          yield envelope;
        }
      } catch (error) {
        if (isOver()) return;
        if (!isPassing(error)) throw error;
        if (error instanceof StudioError && error.retryAfterMs !== undefined) waitMs = error.retryAfterMs;
      } finally {
        clearTimeout(timer);
        silence.abort();
      }
      await pause(waitMs * (0.5 + Math.random() / 2), signal);
      waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs);
    }
  }
}
