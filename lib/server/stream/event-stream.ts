import { log, messageOf } from "../log.ts";

const HEARTBEAT_MS = 15_000;
/** What is behind is read on while a listener has less than this unread, in bytes. */
const AHEAD_BYTES = 256_000;
/** A listener that leaves more than this unread is let go; it comes back where it was. */
const MAX_UNREAD_BYTES = 8_000_000;

export interface StreamOptions<T> {
  /** What is listened to, for the log. */
  name: string;
  /** The position behind which the listener wants to go on. */
  after: number;
  /** What has ended already: the stream ends behind its last item, with this reason. */
  ended: string | null;
  signal: AbortSignal;
  /** Called once, when the stream is over. */
  onEnd: () => void;
  /** Asked at each heartbeat; where it answers false the stream ends. */
  stillAllowed: () => Promise<boolean>;
  /** A page of what is behind a position, in order; empty where there is nothing. */
  read: (after: number) => Promise<readonly T[]>;
  /**
   * Tells of new items, possibly of some that are known; without any where the listener is to look. `lost` ends the
   * stream, and its listener comes back. Returns a function that ends it.
   */
  listen: (tell: (items: readonly T[]) => void, lost: () => void) => () => void;
  positionOf: (item: T) => number;
  /** The item as it is sent; empty where it is not shown. */
  frame: (item: T) => string;
  /** Why the stream ends behind this item; null where it goes on. */
  endsWith: (item: T) => string | null;
}

/** One listener's stream: first what is in the log, then what comes, without a gap and without repeating. */
class EventStream<T> {
  readonly #options: StreamOptions<T>;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #unlisten: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #sent: number;
  #reading = false;
  #more = false;
  #over = false;
  /** Called when the listener has read on, or will read no more. */
  #wake: () => void = () => undefined;

  constructor(options: StreamOptions<T>, controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#options = options;
    this.#controller = controller;
    this.#sent = options.after;
    this.#write("retry: 2000\n\n");
    this.#unlisten = options.listen(
      (items) => this.#onItems(items),
      () => this.finish(),
    );
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    options.signal.addEventListener("abort", () => this.finish(), { once: true });
    // A listener that has gone already tells of it no more.
    if (options.signal.aborted) this.finish();
    else void this.#catchUp();
  }

  /** The listener has read some of what it was sent. */
  pulled(): void {
    this.#wake();
  }

  finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heartbeat);
    this.#unlisten();
    this.#options.onEnd();
    this.#wake();
    try {
      this.#controller.close();
    } catch {
      // The reader has closed it already.
    }
  }

  #write(text: string): void {
    if (this.#over) return;
    this.#controller.enqueue(this.#encoder.encode(text));
    if ((this.#controller.desiredSize ?? 0) < -MAX_UNREAD_BYTES) this.finish();
  }

  /** Waits until the listener has read on, or the stream is over. */
  async #room(): Promise<void> {
    while (!this.#over && (this.#controller.desiredSize ?? 1) <= 0)
      await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #onItems(items: readonly T[]): void {
    const [first] = items;
    if (!this.#reading && first !== undefined && this.#options.positionOf(first) <= this.#sent + 1)
      this.#send(items);
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
        await this.#room();
        const page = await this.#options.read(this.#sent);
        if (page.length > 0) this.#more = true;
        this.#send(page);
      }
      if (this.#options.ended !== null) this.#end(this.#options.ended);
    } catch (error) {
      // The listener comes back, and goes on where it was.
      log("warn", "a stream ended early", { name: this.#options.name, error: messageOf(error) });
      this.finish();
    } finally {
      this.#reading = false;
    }
  }

  #send(items: readonly T[]): void {
    const { positionOf, frame, endsWith } = this.#options;
    let text = "";
    for (const item of items) {
      if (positionOf(item) <= this.#sent) continue;
      this.#sent = positionOf(item);
      text += frame(item);
      const reason = endsWith(item);
      if (reason === null) continue;
      this.#write(text);
      return this.#end(reason);
    }
    if (text !== "") this.#write(text);
  }

  #end(reason: string): void {
    this.#write(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
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
 * Items from behind a position, as server-sent events: first those that there are, then those that come. Ends with
 * `event: end` where there can be no more.
 */
export function eventStream<T>(options: StreamOptions<T>): Response {
  let stream: EventStream<T> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        stream = new EventStream(options, controller);
      },
      pull: () => stream?.pulled(),
      cancel: () => stream?.finish(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: AHEAD_BYTES }),
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
