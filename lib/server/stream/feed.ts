import { z } from "zod";
import { MAX_PLACE_CHARS } from "#contracts/streams.ts";

/** An event of an organization: its session's gapless number, and when its transaction began (epoch milliseconds). */
export interface FeedRow {
  sessionId: string;
  seq: number;
  at: number;
}

/** A row with its number in this listener's stream, and the place behind it from which the stream can be taken up. */
export type FeedItem<R> = R & { index: number; place: string };

/**
 * How much later than a younger event an older one may appear. A transaction of the platform's takes a second at most,
 * its commit and its retries some more.
 */
const LATE_MS = 15_000;
/** How often events that appeared late are looked for, while something happens. */
export const LOOK_BACK_MS = 2_000;
/** Far more than an organization may have live. */
const MAX_SESSIONS = 1_000;

const placeSchema = z.object({
  at: z.number().min(0),
  seqs: z.record(z.string().max(64), z.number().int().min(0)),
});
type Place = z.infer<typeof placeSchema>;

/** A place as text, opaque to those who keep it. */
function writePlace({ at, seqs }: Place): string {
  return Buffer.from(JSON.stringify({ at, seqs })).toString("base64url");
}

/** @returns null where the text is no place of this stream. A mere time is one, of before places were more than that. */
export function readPlace(text: string): Place | null {
  if (/^\d{1,16}(\.\d+)?$/.test(text)) return { at: Number(text), seqs: {} };
  if (text.length > MAX_PLACE_CHARS) return null;
  try {
    const found = placeSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return Object.keys(found.seqs).length > MAX_SESSIONS ? null : found;
  } catch {
    return null;
  }
}

/**
 * All events of an organization, each once, though the log's times do not come in order: what was seen is known by
 * the sessions' own numbers, which do, and the last seconds are read again and again.
 */
export class Feed<R extends FeedRow> {
  readonly #read: (after: number) => Promise<readonly R[]>;
  readonly #now: () => number;
  /** Of sessions with events in the last seconds: the highest number that was seen, and when its event began. */
  readonly #seen = new Map<string, { seq: number; at: number }>();
  #at: number;
  #index = 0;
  #lookedBackAt = -Infinity;
  #activeAt: number;

  /** @param read a page of events from behind a time, in order of their times; empty at the end */
  constructor(
    place: Place,
    read: (after: number) => Promise<readonly R[]>,
    now: () => number = () => performance.now(),
  ) {
    this.#read = read;
    this.#now = now;
    this.#at = place.at;
    this.#activeAt = now();
    for (const [sessionId, seq] of Object.entries(place.seqs))
      this.#seen.set(sessionId, { seq, at: place.at });
  }

  /** Takes everything that is there now as seen: a listener that begins now wants only what comes. */
  async begin(): Promise<void> {
    let after = Math.max(0, this.#at - LATE_MS);
    for (let page = await this.#read(after); page.length > 0; page = await this.#read(after))
      for (const row of page) {
        this.#note(row);
        after = Math.max(after, row.at);
      }
    this.#lookedBackAt = this.#now();
  }

  /** True while an event may still appear behind those that were seen. */
  get unsettled(): boolean {
    return this.#now() - this.#activeAt < LATE_MS + LOOK_BACK_MS;
  }

  /** The next events that were not seen yet; empty where there are none now. */
  async next(): Promise<FeedItem<R>[]> {
    if (this.unsettled && this.#now() - this.#lookedBackAt >= LOOK_BACK_MS) {
      this.#lookedBackAt = this.#now();
      const late = await this.#from(Math.max(0, this.#at - LATE_MS), this.#at);
      if (late.length > 0) return late;
    }
    return await this.#from(this.#at);
  }

  /** @param until reads page after page up to there; without it, one page */
  async #from(start: number, until?: number): Promise<FeedItem<R>[]> {
    const fresh: FeedItem<R>[] = [];
    let after = start;
    for (let more = true; more;) {
      const page = await this.#read(after);
      for (const row of page) {
        after = Math.max(after, row.at);
        if (row.seq <= (this.#seen.get(row.sessionId)?.seq ?? 0)) continue;
        this.#note(row);
        this.#activeAt = this.#now();
        fresh.push({ ...row, index: ++this.#index, place: this.#place() });
      }
      more = page.length > 0 && until !== undefined && after < until;
    }
    return fresh;
  }

  #note({ sessionId, seq, at }: R): void {
    this.#at = Math.max(this.#at, at);
    const known = this.#seen.get(sessionId);
    if (!known || seq > known.seq) this.#seen.set(sessionId, { seq, at });
  }

  #place(): string {
    const seqs: Record<string, number> = {};
    for (const [sessionId, { seq, at }] of this.#seen) {
      // Nothing of it can still appear that was not seen.
      if (at < this.#at - 2 * LATE_MS) this.#seen.delete(sessionId);
      else seqs[sessionId] = seq;
    }
    return writePlace({ at: this.#at, seqs });
  }
}
