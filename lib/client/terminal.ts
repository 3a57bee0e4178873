import { addressOf } from "#contracts/address.ts";
import { type ApiError, asApiError, call, errorOf, unreachable } from "./api.ts";
import { createSseParser } from "./sse-parser.ts";

export interface Size {
  cols: number;
  rows: number;
}

/** The terminals that are open in a session's sandbox. */
export const listTerminals = async (sessionId: string) =>
  await call("GET /api/studio/sessions/{id}/terminals", { params: { id: sessionId } });

/** Opens one more. @throws ApiError `terminal_limit` */
export const openTerminal = async (sessionId: string, size: Size) =>
  await call("POST /api/studio/sessions/{id}/terminals", { params: { id: sessionId }, body: size });

/** Ends a terminal and what runs in it. */
export const closeTerminal = async (sessionId: string, terminal: string) =>
  await call("DELETE /api/studio/sessions/{id}/terminals/{terminal}", {
    params: { id: sessionId, terminal },
  });

const MAX_PIECE = 50_000;
const SOON_MS = 30;

/**
 * Sends what is typed, in order: one request at a time, and what comes meanwhile in the next one.
 * @param onProblem told where something was not taken; what was typed behind it still goes
 */
export function createTyping(sessionId: string, id: string, onProblem: (error: ApiError) => void) {
  const params = { id: sessionId, terminal: id };
  let waiting = "";
  let busy = false;
  const send = async () => {
    if (busy) return;
    busy = true;
    while (waiting !== "") {
      const data = waiting.slice(0, MAX_PIECE);
      waiting = waiting.slice(MAX_PIECE);
      try {
        await call("POST /api/studio/sessions/{id}/terminals/{terminal}/input", { params, body: { data } });
      } catch (error) {
        onProblem(asApiError(error));
      }
      await new Promise((resolve) => setTimeout(resolve, SOON_MS));
    }
    busy = false;
  };
  return {
    type(data: string) {
      waiting += data;
      void send();
    },
    resize(size: Size) {
      call("POST /api/studio/sessions/{id}/terminals/{terminal}/resize", { params, body: size }).catch(
        (error: unknown) => onProblem(asApiError(error)),
      );
    },
  };
}

export type TerminalState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "offline"; error: ApiError }
  /** The shell has ended. */
  | { kind: "ended" }
  | { kind: "refused"; error: ApiError };

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 45_000;

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0) ?? 0);
}

/**
 * Follows a terminal's output over `fetch`, and reconnects behind what it has seen. @returns a function that ends it
 * @param onReset called before output that starts over, since another server counts it
 */
export function followTerminal(
  sessionId: string,
  id: string,
  handlers: {
    onData: (bytes: Uint8Array) => void;
    onReset: () => void;
    onState: (state: TerminalState) => void;
  },
): () => void {
  const { path } = addressOf("GET /api/studio/sessions/{id}/terminals/{terminal}/output", {
    params: { id: sessionId, terminal: id },
  });
  let closed = false;
  let seen = "0";
  let wait = FIRST_WAIT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();

  const read = async (body: ReadableStream<Uint8Array>, own: AbortController): Promise<boolean> => {
    const reader = body.getReader();
    const parser = createSseParser();
    const decoder = new TextDecoder();
    let silence: ReturnType<typeof setTimeout> | undefined;
    try {
      for (;;) {
        clearTimeout(silence);
        silence = setTimeout(() => own.abort(), SILENCE_MS);
        const { done, value } = await reader.read();
        if (done || closed) return false;
        for (const { event, data, id: offset } of parser.push(decoder.decode(value, { stream: true }))) {
          if (event === "end") return true;
          if (event === "reset") handlers.onReset();
          else handlers.onData(bytesOf(data));
          if (offset !== "") seen = offset;
        }
      }
    } finally {
      clearTimeout(silence);
      await reader.cancel().catch(() => undefined);
    }
  };
  const later = (error: ApiError) => {
    if (closed) return;
    handlers.onState({ kind: "offline", error });
    timer = setTimeout(() => void connect(), wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
  const connect = async () => {
    abort = new AbortController();
    try {
      const response = await fetch(path, {
        headers: { accept: "text/event-stream", "last-event-id": seen },
        credentials: "same-origin",
        cache: "no-store",
        signal: abort.signal,
      });
      if (!response.ok) {
        const error = await errorOf(response);
        const final = error.status >= 400 && error.status < 500 && ![408, 425, 429].includes(error.status);
        if (!final) return later(error);
        if (!closed) handlers.onState({ kind: "refused", error });
        return;
      }
      handlers.onState({ kind: "live" });
      wait = FIRST_WAIT_MS;
      const ended = response.body !== null && (await read(response.body, abort));
      if (closed) return;
      if (ended) handlers.onState({ kind: "ended" });
      else later(unreachable(undefined));
    } catch (error) {
      later(unreachable(error));
    }
  };
  handlers.onState({ kind: "connecting" });
  void connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    abort.abort();
  };
}
