import type { EventEnvelope } from "#domain/events.ts";
import { applyEvents } from "#domain/projection.ts";
import type { SessionView } from "#domain/session-view.ts";

/** What a page shows of a session: the view, and when its last event happened (ISO 8601; null before the first). */
export interface LogSnapshot {
  view: SessionView;
  lastEventAt: string | null;
}

export interface SessionLog {
  /**
   * Takes events in the order in which they came, known ones included.
   * @returns the last sequence number without a gap before it; what comes behind a gap is not taken
   */
  push: (events: readonly EventEnvelope[]) => number;
  subscribe: (listener: () => void) => () => void;
  snapshot: () => LogSnapshot;
  /** The last events that came, oldest first; those that the server's page brought are not among them. */
  recent: () => readonly EventEnvelope[];
  /** Applies what waits for the next frame at once. */
  flush: () => void;
}

const MAX_RECENT = 500;

/**
 * A session's log in the browser. Events are applied together, once a frame, however fast they come.
 * @param schedule calls its argument soon; a frame of the screen in a browser
 */
export function createSessionLog(initial: LogSnapshot, schedule: (apply: () => void) => void): SessionLog {
  let current = initial;
  let recent: readonly EventEnvelope[] = [];
  let waiting: EventEnvelope[] = [];
  let scheduled = false;
  let known = initial.view.seq;
  const listeners = new Set<() => void>();

  const flush = () => {
    scheduled = false;
    const events = waiting;
    waiting = [];
    const last = events.at(-1);
    if (!last) return;
    recent = [...recent, ...events].slice(-MAX_RECENT);
    current = { view: applyEvents(current.view, events), lastEventAt: last.ts };
    for (const listener of listeners) listener();
  };

  return {
    push(events) {
      for (const event of events) {
        if (event.seq <= known) continue;
        if (event.seq > known + 1) break;
        waiting.push(event);
        known = event.seq;
      }
      if (waiting.length > 0 && !scheduled) {
        scheduled = true;
        schedule(flush);
      }
      return known;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => current,
    recent: () => recent,
    flush,
  };
}
