import type { EventEnvelope } from "#domain/events.ts";
import { type ApiError, errorOf, unreachable } from "./api.ts";
import { noteServerTime, serverNow } from "./server-clock.ts";
import { createSseParser } from "./sse-parser.ts";

/** How a stream stands. Times are epoch milliseconds by the server's clock. */
export type StreamState =
  | { kind: "connecting" }
  | { kind: "catching-up"; count: number }
  | { kind: "live" }
  | { kind: "offline"; since: number; retryAt: number; error: ApiError }
  /** Events behind `after` did not come; they are read again from the log. */
  | { kind: "gap"; after: number }
  /** The server said that no more will come. */
  | { kind: "ended" }
  /** The server refuses, and would again: signed out, or not ours to see. */
  | { kind: "refused"; error: ApiError };

export interface StreamOptions {
  url: string;
  /** The last sequence number that is known here; the stream starts behind it. */
  after: number;
  /** Takes some events in order. @returns the last sequence number known now: a lower one means a gap */
  onEvents: (events: EventEnvelope[]) => number;
  onState: (state: StreamState) => void;
  minDelayMs?: number;
  maxDelayMs?: number;
  /** Without a byte for this long the connection counts as dead; the server sends a heartbeat every 15 s. */
  silenceMs?: number;
  /** Quiet for this long after connecting means that everything stored has come. */
  quietMs?: number;
}

export interface EventStream {
  close: () => void;
  /** Tries at once instead of at the end of the wait. */
  retryNow: () => void;
}

/** True where another attempt would be refused in the same way. */
const isFinal = (status: number) => status >= 400 && status < 500 && ![408, 425, 429].includes(status);

/** Whether this is an event, by what the page relies on: the rest of it is shown only where it is known. */
function isEnvelope(value: unknown): value is EventEnvelope {
  if (typeof value !== "object" || value === null || !("seq" in value && "type" in value)) return false;
  return typeof value.seq === "number" && typeof value.type === "string";
}

function parse(data: string): EventEnvelope | undefined {
  try {
    const event: unknown = JSON.parse(data);
    return isEnvelope(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Follows a session's events over `fetch`: reconnects behind the last known event, waits longer after each failure,
 * takes silence for death, and stops at the server's `end` or at a final refusal.
 */
export function openEventStream(options: StreamOptions): EventStream {
  const { minDelayMs = 500, maxDelayMs = 10_000, silenceMs = 45_000, quietMs = 300 } = options;
  let after = options.after;
  let attempt = 0;
  let offlineSince = 0;
  let closed = false;
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const finish = (state: StreamState) => {
    closed = true;
    options.onState(state);
  };

  /** Tries again after a wait that doubles, between half of it and all of it so that pages do not return in step. */
  const later = (state: (retryAt: number) => StreamState) => {
    attempt += 1;
    const delayMs = Math.min(maxDelayMs, minDelayMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    options.onState(state(serverNow() + delayMs));
    timer = setTimeout(() => void connect(), delayMs);
  };

  const offline = (error: ApiError) => {
    offlineSince ||= serverNow();
    const since = offlineSince;
    later((retryAt) => ({ kind: "offline", since, retryAt, error }));
  };

  async function read(response: Response, own: AbortController): Promise<"ended" | "dropped" | "gap"> {
    const { signal } = own;
    const reader = response.body?.getReader();
    if (!reader) return "dropped";
    const parser = createSseParser();
    const decoder = new TextDecoder();
    const openedAt = Date.parse(response.headers.get("date") ?? "") || Date.now();
    let count = 0;
    let live = false;
    const goLive = () => {
      if (signal.aborted || live) return;
      live = true;
      attempt = 0;
      offlineSince = 0;
      options.onState({ kind: "live" });
    };
    let silence: ReturnType<typeof setTimeout> | undefined;
    let quiet = setTimeout(goLive, quietMs);
    try {
      for (;;) {
        clearTimeout(silence);
        silence = setTimeout(() => own.abort(), silenceMs);
        const { done, value } = await reader.read();
        if (done || signal.aborted) return "dropped";
        const messages = parser.push(decoder.decode(value, { stream: true }));
        const events = messages.flatMap((message) => parse(message.data) ?? []);
        if (events.length > 0) {
          after = options.onEvents(events);
          if (signal.aborted) return "dropped";
          if (after < (events.at(-1)?.seq ?? 0)) return "gap";
          count += events.length;
          if (!live) {
            clearTimeout(quiet);
            // The head's date has whole seconds: an event of that second is a fresh one.
            if (Date.parse(events.at(-1)?.ts ?? "") >= openedAt) goLive();
            else {
              options.onState({ kind: "catching-up", count });
              quiet = setTimeout(goLive, quietMs);
            }
          }
        }
        if (messages.some((message) => message.event === "end")) return "ended";
      }
    } finally {
      clearTimeout(silence);
      clearTimeout(quiet);
      await reader.cancel().catch(() => undefined);
    }
  }

  async function connect(): Promise<void> {
    const own = new AbortController();
    abort = own;
    if (attempt === 0) options.onState({ kind: "connecting" });
    const head = setTimeout(() => own.abort(), silenceMs);
    try {
      const sentAt = Date.now();
      const response = await fetch(`${options.url}?after=${after}`, {
        headers: { accept: "text/event-stream", "last-event-id": String(after) },
        credentials: "same-origin",
        cache: "no-store",
        signal: own.signal,
      });
      clearTimeout(head);
      noteServerTime(response, sentAt);
      if (!response.ok) {
        const error = await errorOf(response);
        if (closed || own !== abort) return;
        if (isFinal(error.status)) finish({ kind: "refused", error });
        else offline(error);
        return;
      }
      if (attempt > 0 && !closed && own === abort) options.onState({ kind: "catching-up", count: 0 });
      const how = await read(response, own);
      if (closed || own !== abort) return;
      if (how === "ended") finish({ kind: "ended" });
      else if (how === "gap") later(() => ({ kind: "gap", after }));
      else offline(unreachable(undefined));
    } catch (error) {
      if (!closed && own === abort) offline(unreachable(error));
    } finally {
      clearTimeout(head);
    }
  }

  void connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      abort.abort();
    },
    retryNow() {
      if (closed || offlineSince === 0) return;
      clearTimeout(timer);
      abort.abort();
      void connect();
    },
  };
}
