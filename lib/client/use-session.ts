"use client";

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { EventEnvelope } from "#domain/events.ts";
import { eventsPath } from "./api.ts";
import { openEventStream, type StreamState } from "./event-source.ts";
import { createSessionLog, type LogSnapshot } from "./session-log.ts";

/** A hidden page gives its connection back after this long: an origin has six of them. */
const HIDDEN_MS = 10_000;
const HIDDEN_BATCH_MS = 250;

/** Frames stand still in a hidden page, so a timer takes their place there. */
function nextFrame(apply: () => void): void {
  if (document.hidden) setTimeout(apply, HIDDEN_BATCH_MS);
  else requestAnimationFrame(apply);
}

export interface LiveSession extends LogSnapshot {
  /** The last events that came by the stream, oldest first. */
  recent: readonly EventEnvelope[];
  stream: StreamState;
  /** Tries to connect at once. */
  retry: () => void;
  /** Follows it again, once it goes on after its end. */
  reopen: () => void;
}

/**
 * A session as it happens: the server's snapshot, then the stream behind it.
 * A page that comes back into sight catches up by itself.
 */
export function useSession(sessionId: string, initial: LogSnapshot): LiveSession {
  const [log] = useState(() => createSessionLog(initial, nextFrame));
  const [stream, setStream] = useState<StreamState>(
    initial.view.ended ? { kind: "ended" } : { kind: "connecting" },
  );
  const retry = useRef<() => void>(() => undefined);
  const snapshot = useSyncExternalStore(log.subscribe, log.snapshot, () => initial);
  const reopen = useRef<() => void>(() => undefined);
  const { ended } = initial.view;

  useEffect(() => {
    let open: ReturnType<typeof openEventStream> | undefined;
    let hiding: ReturnType<typeof setTimeout> | undefined;
    let over = ended;
    const start = () => {
      open = openEventStream({
        url: eventsPath(sessionId),
        after: log.snapshot().view.seq,
        onEvents: log.push,
        onState: (state) => {
          over = state.kind === "ended" || state.kind === "refused";
          setStream(state);
        },
      });
    };
    const stop = () => {
      open?.close();
      open = undefined;
      log.flush();
    };
    const seen = () => {
      clearTimeout(hiding);
      if (document.hidden) hiding = setTimeout(stop, HIDDEN_MS);
      else if (!open && !over) start();
    };
    const online = () => open?.retryNow();
    retry.current = online;
    reopen.current = () => {
      if (!over) return;
      open?.close();
      over = false;
      start();
    };
    if (!ended) start();
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("online", online);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("online", online);
      clearTimeout(hiding);
      stop();
    };
  }, [sessionId, log, ended]);

  return {
    ...snapshot,
    recent: log.recent(),
    stream,
    retry: () => retry.current(),
    reopen: () => reopen.current(),
  };
}
