"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { Timeline } from "#domain/inspector.ts";
import { eventsPath } from "./api.ts";
import { openEventStream, type StreamState } from "./event-source.ts";

/** A session's whole log, as it is read and as it grows. */
export interface TimelineState {
  timeline: Timeline;
  /** Grows with each batch of events: what was worked out of the timeline before is old. */
  version: number;
  stream: StreamState;
}

/** Reads a session's log from its first event, and follows it while the session lives. */
export function useTimeline(sessionId: string): TimelineState {
  const [store] = useState(() => {
    const listeners = new Set<() => void>();
    let scheduled = false;
    const made = {
      timeline: new Timeline(),
      version: 0,
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      /** Once a frame, however fast they come. */
      changed: () => {
        if (scheduled) return;
        scheduled = true;
        requestAnimationFrame(() => {
          scheduled = false;
          made.version += 1;
          for (const listener of listeners) listener();
        });
      },
    };
    return made;
  });
  const [stream, setStream] = useState<StreamState>({ kind: "connecting" });
  const version = useSyncExternalStore(
    store.subscribe,
    () => store.version,
    () => 0,
  );
  useEffect(() => {
    const open = openEventStream({
      url: eventsPath(sessionId),
      after: store.timeline.lastSeq,
      onEvents: (events) => {
        for (const event of events) {
          // What comes behind a gap is read again from there.
          if (event.seq > store.timeline.lastSeq + 1) break;
          store.timeline.add(event);
        }
        store.changed();
        return store.timeline.lastSeq;
      },
      onState: setStream,
    });
    return () => open.close();
  }, [sessionId, store]);
  return { timeline: store.timeline, version, stream };
}
