import { Duplex } from "node:stream";

/**
 * Many byte streams over one: what host and sandbox speak on the socket between them. Both ends run this file;
 * envd's copy is bundled, so it imports little. Of HTTP/2, which has the same ideas, envd would have to load
 * TLS and cryptography besides, and starting a sandbox would take half as long again.
 *
 * A frame is `[type u8][payload length u24][stream u32]` and its payload, all big-endian. Either end opens
 * streams, one with even numbers and one with odd ones, always ascending. A stream may carry as many bytes as
 * its reader has granted. It ends for each direction on its own (END), or for both at once (RESET).
 */
const OPEN = 1;
const OPENED = 2;
const DATA = 3;
const END = 4;
const WINDOW = 5;
const RESET = 6;
type FrameType = typeof OPEN | typeof OPENED | typeof DATA | typeof END | typeof WINDOW | typeof RESET;

const HEAD_BYTES = 8;
const MAX_DATA_BYTES = 2 ** 16;
/** Payload lengths of all but DATA: OPEN has a port, WINDOW a number of bytes. */
const LENGTHS: Partial<Record<number, number>> = {
  [OPEN]: 2,
  [OPENED]: 0,
  [END]: 0,
  [WINDOW]: 4,
  [RESET]: 0,
};

/** What a reader grants a new stream, and what it grants one whose bytes are taken as they come. */
const FIRST_WINDOW = 2 ** 16;
const LARGEST_WINDOW = 2 ** 20;
/** By how much all windows of one end may exceed the first together: with those, the most that waits unread. */
const GROWTH_BYTES = 32 * 2 ** 20;
/** Streams that either end may have open. */
export const MAX_STREAMS = 1024;
/** What may wait for an end that does not read; of payloads, hardly any does. */
const MAX_UNSENT_BYTES = 2 ** 20;
const MAX_ID = 2 ** 32 - 2;
/** A payload that is copied, behind its head or behind others, rather than kept as a piece of its own. */
const SMALL_BYTES = 4096;

function frame(type: FrameType, id: number, payload = 0, value = 0): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + (type === DATA ? 0 : payload));
  // Type and length share a word.
  bytes.writeUInt32BE(type * 2 ** 24 + payload, 0);
  bytes.writeUInt32BE(id, 4);
  if (type === OPEN) bytes.writeUInt16BE(value, HEAD_BYTES);
  if (type === WINDOW) bytes.writeUInt32BE(value, HEAD_BYTES);
  return bytes;
}

type Done = (error?: Error | null) => void;

/** One of the streams. `opened` is emitted, once, when the other end has taken it. */
export class MuxStream extends Duplex {
  readonly id: number;
  private readonly mux: Mux;
  private window = FIRST_WINDOW;
  /** How much more the other end may send, and we may. */
  private receivable = FIRST_WINDOW;
  private sendable = FIRST_WINDOW;
  /** Consumed and not granted again yet. */
  private consumed = 0;
  private readonly unread: Buffer[] = [];
  /** What the last of `unread` may still be filled up with. */
  private room: Buffer = Buffer.alloc(0);
  private isWanted = false;
  private hasEnded = false;
  private hasSentEnd = false;
  private isResetByOther = false;
  private pending: { bytes: Buffer; done: Done } | undefined;

  constructor(mux: Mux, id: number) {
    // What waits, waits in `unread`.
    super({ readableHighWaterMark: 1 });
    this.mux = mux;
    this.id = id;
    // A stream can fail before anyone has come to use it.
    this.on("error", () => undefined);
  }

  /** Tells the other end, which opened it, that it is taken. */
  accept(): void {
    if (!this.destroyed) this.mux.send(frame(OPENED, this.id));
  }

  /** Takes the announcement of so many bytes; false if they were not granted. */
  announce(length: number): boolean {
    this.receivable -= length;
    return this.receivable >= 0 && !this.hasEnded;
  }

  receive(bytes: Buffer): void {
    if (this.isWanted && this.unread.length === 0) this.deliver(bytes);
    else this.keep(bytes);
  }

  /**
   * Copies what must wait: a piece holds all that was received together with it. Small ones go together, since
   * bytes that come one by one would take a hundred times their size.
   */
  private keep(bytes: Buffer): void {
    if (bytes.length > this.room.length) {
      const whole = Buffer.allocUnsafeSlow(Math.max(bytes.length, SMALL_BYTES));
      this.unread.push(whole.subarray(0, 0));
      this.room = whole;
    }
    bytes.copy(this.room);
    this.room = this.room.subarray(bytes.length);
    const last = this.unread.pop() ?? this.room;
    this.unread.push(Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length));
  }

  receiveEnd(): void {
    this.hasEnded = true;
    if (this.unread.length === 0) this.push(null);
  }

  /** The other end reads no more, and sends no more than it has. */
  reset(): void {
    this.isResetByOther = true;
    if (!this.hasEnded || this.readableEnded) {
      this.destroy(new Error("the other end gave the stream up"));
      return;
    }
    // It had said all: that is still for whoever reads here. What is written goes nowhere.
    this.once("end", () => this.destroy());
    this.sendPending();
  }

  /** Takes a grant; false if it is absurd. */
  grant(bytes: number): boolean {
    this.sendable += bytes;
    this.sendPending();
    return this.sendable <= 2 ** 31;
  }

  private deliver(bytes: Buffer): void {
    this.isWanted = this.push(bytes);
    this.consumed += bytes.length;
    if (this.consumed < this.window / 2) return;
    let granted = this.consumed;
    const more = Math.min(this.window * 3, LARGEST_WINDOW - this.window);
    if (more > 0 && this.mux.mayGrow(more)) {
      granted += more;
      this.window += more;
    }
    this.consumed = 0;
    this.receivable += granted;
    if (!this.hasEnded) this.mux.send(frame(WINDOW, this.id, 4, granted));
  }

  override _read(): void {
    this.isWanted = true;
    while (this.isWanted) {
      const bytes = this.unread.shift();
      if (!bytes) break;
      if (this.unread.length === 0) this.room = Buffer.alloc(0);
      this.deliver(bytes);
    }
    if (this.hasEnded && this.unread.length === 0) this.push(null);
  }

  override _write(bytes: Buffer, _encoding: string, done: Done): void {
    this.pending = { bytes, done };
    this.sendPending();
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "", done);
  }

  /** Sends what is granted and what the socket takes; the mux calls again when it takes more. */
  sendPending(): void {
    const { pending } = this;
    if (!pending) return;
    while (pending.bytes.length > 0) {
      if (this.isResetByOther) break;
      if (this.sendable <= 0 || !this.mux.takes(this)) return;
      const part = pending.bytes.subarray(0, Math.min(this.sendable, MAX_DATA_BYTES));
      this.sendable -= part.length;
      pending.bytes = pending.bytes.subarray(part.length);
      this.mux.send(frame(DATA, this.id, part.length), part);
    }
    this.pending = undefined;
    pending.done();
  }

  override _final(done: Done): void {
    this.hasSentEnd = true;
    if (!this.isResetByOther) this.mux.send(frame(END, this.id));
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    const isComplete = this.hasEnded && this.hasSentEnd;
    if (!isComplete && !this.isResetByOther) this.mux.send(frame(RESET, this.id));
    this.mux.forget(this.id, this.window - FIRST_WINDOW);
    this.unread.length = 0;
    const { pending } = this;
    this.pending = undefined;
    pending?.done(error ?? new Error("the stream is closed"));
    done(error);
  }
}

export interface MuxOptions {
  /** The host's streams have even numbers, envd's odd ones. */
  side: "host" | "envd";
  /** Gets each stream that the other end opens, to accept or to destroy. */
  onOpen: (stream: MuxStream, port: number) => void;
  /** Told once that the socket is gone, or that the other end broke the protocol. */
  onClose: () => void;
}

/** One end of the socket. Whatever the other end sends, this one holds a bounded part of it and goes on. */
export class Mux {
  private readonly socket: Duplex;
  private readonly options: MuxOptions;
  private readonly streams = new Map<number, MuxStream>();
  private readonly waiting = new Set<MuxStream>();
  /** How many are open, by whether the number is odd. */
  private readonly open: [even: number, odd: number] = [0, 0];
  private nextId: number;
  private lastFromOther: number;
  private growth = GROWTH_BYTES;
  private isFull = false;
  private isClosed = false;
  private rest: Buffer = Buffer.alloc(0);
  /** The DATA frame that is being read: whose, unless that is gone, and how much is to come. */
  private reading: { stream: MuxStream | undefined; left: number } = { stream: undefined, left: 0 };

  constructor(socket: Duplex, options: MuxOptions) {
    this.socket = socket;
    this.options = options;
    this.nextId = options.side === "host" ? 2 : 1;
    this.lastFromOther = options.side === "host" ? -1 : 0;
    socket.on("data", (chunk: Buffer) => this.read(chunk));
    socket.on("drain", () => this.drain());
    for (const event of ["end", "error", "close"]) socket.on(event, () => this.close());
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /**
   * Opens a stream for a port of the other end. It may be written to at once; it is destroyed if the other end
   * does not take it.
   * @throws if the socket is gone, or too many are open
   */
  dial(port: number): MuxStream {
    const isFull = this.count(this.nextId) >= MAX_STREAMS || this.nextId > MAX_ID;
    if (this.isClosed || isFull) throw new Error(isFull ? "too many streams" : "the channel is closed");
    const stream = this.add(this.nextId);
    this.nextId += 2;
    this.send(frame(OPEN, stream.id, 2, port));
    return stream;
  }

  private count(id: number): number {
    return this.open[id % 2 === 0 ? 0 : 1];
  }

  private add(id: number): MuxStream {
    const stream = new MuxStream(this, id);
    this.streams.set(id, stream);
    this.open[id % 2 === 0 ? 0 : 1] += 1;
    return stream;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.socket.destroy();
    for (const stream of this.streams.values()) stream.reset();
    this.waiting.clear();
    this.options.onClose();
  }

  /** For streams: whether a window of theirs may grow by so many bytes. */
  mayGrow(bytes: number): boolean {
    if (this.growth < bytes) return false;
    this.growth -= bytes;
    return true;
  }

  /** For streams: forgets one, and takes back what its window had grown by. */
  forget(id: number, grown: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.streams.delete(id);
    this.open[id % 2 === 0 ? 0 : 1] -= 1;
    this.waiting.delete(stream);
    this.growth += grown;
  }

  /** For streams: whether the socket takes more now; if not, `stream` is told when it does. */
  takes(stream: MuxStream): boolean {
    if (this.isFull) this.waiting.add(stream);
    return !this.isFull;
  }

  /** For streams: sends a frame. */
  send(head: Buffer, payload?: Buffer): void {
    if (this.isClosed) return;
    if (this.socket.writableLength > MAX_UNSENT_BYTES) return this.close();
    if (!payload) {
      this.isFull = !this.socket.write(head) || this.isFull;
    } else if (payload.length <= SMALL_BYTES) {
      this.isFull = !this.socket.write(Buffer.concat([head, payload]));
    } else {
      this.socket.cork();
      this.socket.write(head);
      this.isFull = !this.socket.write(payload);
      this.socket.uncork();
    }
  }

  private drain(): void {
    this.isFull = false;
    for (const stream of this.waiting) {
      if (this.isFull) return;
      // Goes behind the others if it has more than now is taken.
      this.waiting.delete(stream);
      stream.sendPending();
    }
  }

  private read(received: Buffer): void {
    const chunk = this.rest.length > 0 ? Buffer.concat([this.rest, received]) : received;
    let at = 0;
    while (at < chunk.length && !this.isClosed) {
      const { reading } = this;
      if (reading.left > 0) {
        const part = chunk.subarray(at, at + reading.left);
        at += part.length;
        reading.left -= part.length;
        if (reading.stream && !reading.stream.destroyed) reading.stream.receive(part);
        continue;
      }
      if (chunk.length - at < HEAD_BYTES) break;
      const word = chunk.readUInt32BE(at);
      const [type, length] = [word >>> 24, word & 0xff_ffff];
      const id = chunk.readUInt32BE(at + 4);
      if (type === DATA) {
        const stream = this.streams.get(id);
        const isGranted = stream ? stream.announce(length) : this.isPast(id);
        if (length > MAX_DATA_BYTES || !isGranted) return this.close();
        this.reading = { stream, left: length };
        at += HEAD_BYTES;
        continue;
      }
      if (LENGTHS[type] !== length) return this.close();
      if (chunk.length - at < HEAD_BYTES + length) break;
      const value = length === 2 ? chunk.readUInt16BE(at + HEAD_BYTES) : 0;
      const granted = length === 4 ? chunk.readUInt32BE(at + HEAD_BYTES) : 0;
      at += HEAD_BYTES + length;
      if (!this.obey(type as FrameType, id, value, granted)) return this.close();
    }
    this.rest = at < chunk.length ? Buffer.from(chunk.subarray(at)) : Buffer.alloc(0);
  }

  /** Whether a stream of this number has been: late frames for it are no fault. */
  private isPast(id: number): boolean {
    const isOurs = id % 2 === this.nextId % 2;
    return id > 0 && (isOurs ? id < this.nextId : id <= this.lastFromOther);
  }

  /** Does what a frame without bytes says; false if it breaks the protocol. */
  private obey(type: FrameType, id: number, port: number, granted: number): boolean {
    if (type === OPEN) return this.take(id, port);
    const stream = this.streams.get(id);
    if (!stream) return this.isPast(id);
    switch (type) {
      case OPENED:
        stream.emit("opened");
        return id % 2 === this.nextId % 2;
      case END:
        stream.receiveEnd();
        return true;
      case RESET:
        stream.reset();
        return true;
      default:
        return stream.grant(granted);
    }
  }

  private take(id: number, port: number): boolean {
    if (id % 2 === this.nextId % 2 || id <= this.lastFromOther) return false;
    this.lastFromOther = id;
    if (this.count(id) >= MAX_STREAMS) this.send(frame(RESET, id));
    else this.options.onOpen(this.add(id), port);
    return true;
  }
}
