import type { Call, FunctionKind } from "../engine/call.ts";

/** What runs in a worker right now, told to the front through memory that both see. */
export interface Running {
  requestId: string;
  kind: FunctionKind;
  path: string;
  args: string;
}

const SEQUENCE = 0;
const SWITCHES = 1;
const LENGTH = 2;
const BEAT = 3;
const BEGUN = 4;
const REVOKED = 5;
const HEADER_BYTES = 24;
const LABEL_BYTES = 16 * 1024;
const MAX_SHOWN = 4_000;

/** Arguments as far as the shared memory shows them; what tells functions apart that are condemned. */
export function shownArgs(args: string): string {
  return args.slice(0, MAX_SHOWN);
}

/**
 * A sequence number that is 0 while no function runs, a count of the function's switches between its own
 * code and the database (even: its own), a count of the worker's idle moments, and what runs.
 */
export class WatchMemory {
  readonly buffer: SharedArrayBuffer;
  private readonly numbers: Int32Array;
  private readonly label: Buffer;
  private sequence = 0;
  private switches = 0;

  constructor(buffer = new SharedArrayBuffer(HEADER_BYTES + LABEL_BYTES)) {
    this.buffer = buffer;
    this.numbers = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.label = Buffer.from(buffer, HEADER_BYTES, LABEL_BYTES);
  }

  begin(call: Call, args: string): void {
    const text = `${call.requestId}\n${call.kind}\n${call.path}\n${shownArgs(args)}`;
    this.numbers[LENGTH] = this.label.write(text, "utf8");
    this.sequence = (this.sequence % 0x7fffffff) + 1;
    this.switched(false);
    Atomics.store(this.numbers, SEQUENCE, this.sequence);
  }

  end(): void {
    Atomics.store(this.numbers, SEQUENCE, 0);
  }

  switched(inDatabase: boolean): void {
    this.switches = (this.switches + 2) & 0x3fff_fffe;
    Atomics.store(this.numbers, SWITCHES, this.switches + (inDatabase ? 1 : 0));
  }

  beat(): void {
    Atomics.add(this.numbers, BEAT, 1);
  }

  get beats(): number {
    return Atomics.load(this.numbers, BEAT);
  }

  /** In the worker: begins what was asked of it under this number, unless that was taken back. */
  claim(number: number): boolean {
    Atomics.store(this.numbers, BEGUN, number);
    return number > Atomics.load(this.numbers, REVOKED);
  }

  /** In the front: takes back what has not begun, up to this number. @returns the last that has begun */
  revoke(number: number): number {
    Atomics.store(this.numbers, REVOKED, number);
    return Atomics.load(this.numbers, BEGUN);
  }

  /** A text that stays the same as long as a function computes without a pause; null if none does. */
  get computing(): string | null {
    const sequence = Atomics.load(this.numbers, SEQUENCE);
    const switches = Atomics.load(this.numbers, SWITCHES);
    return sequence === 0 || switches % 2 === 1 ? null : `${sequence}/${switches}`;
  }

  get running(): Running | null {
    if (Atomics.load(this.numbers, SEQUENCE) === 0) return null;
    const text = this.label.toString("utf8", 0, this.numbers[LENGTH]);
    const [requestId = "", kind, path = "", ...args] = text.split("\n");
    return { requestId, kind: kind as FunctionKind, path, args: args.join("\n") };
  }
}
