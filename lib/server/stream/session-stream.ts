import type { Id } from "../../../convex/_generated/dataModel.js";
import type { EventEnvelope } from "../../domain/events.ts";
import { log, messageOf } from "../log.ts";
import { listen, readLog } from "./tail.ts";

const HEARTBEAT_MS = 15_000;
/** A listener that leaves more pieces than this unread is let go; it comes back where it was. */
const MAX_UNREAD = 2_000;

export interface StreamOptions {
  sessionId: Id<"sandboxSessions">;
  /** The last `seq` that the listener has. */
  after: number;
  /** The session has ended already: the stream ends behind its last event. */
  ended: boolean;
  signal: AbortSignal;
  /** Asked at each heartbeat; where it answers false the stream ends. */
  stillAllowed: () => Promise<boolean>;
}

/** One listener's stream: first what is in the log, then what comes, without a gap and without repeating. */
class SessionStream {
  readonly #options: StreamOptions;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #unlisten: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #sent: number;
  #reading = false;
  #more = false;
  #over = false;

  constructor(options: StreamOptions, controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#options = options;
    this.#controller = controller;
    this.#sent = options.after;
    this.#write("retry: 2000\n\n");
    this.#unlisten = listen(options.sessionId, (events) => this.#onEvents(events));
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    options.signal.addEventListener("abort", () => this.finish(), { once: true });
    void this.#catchUp();
  }

  finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heartbeat);
    this.#unlisten();
    try {
      this.#controller.close();
    } catch {
      // The reader has closed it already.
    }
  }

  #write(text: string): void {
    if (this.#over) return;
    this.#controller.enqueue(this.#encoder.encode(text));
    if ((this.#controller.desiredSize ?? 0) < -MAX_UNREAD) this.finish();
  }

  #onEvents(events: readonly EventEnvelope[]): void {
    const first = events[0];
    if (!this.#reading && first && first.seq <= this.#sent + 1) this.#send(events);
    else void this.#catchUp();
  }

  /** Reads the log to its end. What comes meanwhile makes it look once more. */
  async #catchUp(): Promise<void> {
    this.#more = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#more && !this.#over) {
        this.#more = false;
        const page = await readLog(this.#options.sessionId, this.#sent);
        if (page.length > 0) this.#more = true;
        this.#send(page);
      }
      if (this.#options.ended) this.#end();
    } catch (error) {
      // The listener comes back, and goes on where it was.
      log("warn", "a stream ended early", { sessionId: this.#options.sessionId, error: messageOf(error) });
      this.finish();
    } finally {
      this.#reading = false;
    }
  }

  #send(events: readonly EventEnvelope[]): void {
    const fresh = events.filter((event) => event.seq > this.#sent);
    const last = fresh.at(-1);
    if (!last) return;
    this.#sent = last.seq;
    this.#write(
      fresh
        .map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join(""),
    );
    if (fresh.some((event) => event.type === "session.ended")) this.#end();
  }

  #end(): void {
    this.#write(`event: end\ndata: {"reason":"session_ended"}\n\n`);
    this.finish();
  }

  async #beat(): Promise<void> {
    const allowed = await this.#options.stillAllowed().catch(() => true);
    if (!allowed) return this.finish();
    this.#write(": still here\n\n");
    await this.#catchUp();
  }
}

/**
 * A session's events from behind `after`, as server-sent events: id = seq, event = type, data = the envelope.
 * Ends with `event: end` once the session has ended and everything was sent.
 */
export function sessionStream(options: StreamOptions): Response {
  let stream: SessionStream | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      stream = new SessionStream(options, controller);
    },
    cancel: () => stream?.finish(),
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
