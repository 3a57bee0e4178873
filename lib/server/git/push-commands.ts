import type { RefUpdate } from "#domain/git.ts";
import { FLUSH, NotPktLine, PktParser, pktLine, type PktReader } from "#net/pkt-line.ts";

/** Bytes of a push's list of changes, and how many there may be. */
export const MAX_COMMANDS_BYTES = 256_000;
const MAX_COMMANDS = 64;

const COMMAND = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)(?:\0([^\n]*))?\n?$/;

/** What a push asks for, before its objects. */
export interface PushCommands {
  updates: RefUpdate[];
  capabilities: Set<string>;
  /** Why none of it may be done, whatever it changes. */
  fault: string | null;
}

/**
 * Reads what a push wants to change (gitprotocol-pack(5), "Reference Update Request"), and nothing behind it.
 * @throws NotPktLine | TooLarge
 */
export async function readCommands(reader: PktReader): Promise<PushCommands> {
  const updates: RefUpdate[] = [];
  const capabilities = new Set<string>();
  let fault: string | null = null;
  for (;;) {
    const line = await reader.next();
    if (line === null) {
      if (updates.length === 0) break;
      throw new NotPktLine();
    }
    if (line === "flush") break;
    if (typeof line === "string") throw new NotPktLine();
    const text = line.toString("utf8");
    if (/^shallow [0-9a-f]+\n?$/.test(text)) continue;
    if (text.startsWith("push-cert")) {
      fault = "Studio passes no signed pushes on: sign your commits instead.";
      break;
    }
    const [, before, after, ref, more] = COMMAND.exec(text) ?? [];
    // A name in another encoding could be read as another one by its server.
    if (before === undefined || after === undefined || ref === undefined || ref.includes("\uFFFD"))
      throw new NotPktLine();
    for (const word of more?.split(" ") ?? []) if (word !== "") capabilities.add(word);
    updates.push({ before, after, ref });
    if (updates.length > MAX_COMMANDS) {
      fault = `A push can change ${MAX_COMMANDS} branches at once.`;
      break;
    }
  }
  // Some hosts take orders by them, as to merge what is pushed.
  if (capabilities.has("push-options")) fault ??= "Studio passes no push options on.";
  return { updates, capabilities, fault };
}

const MAX_REASON_CHARS = 300;

/** The answer to a push of which nothing was done, as its server would send it: git shows the reason beside each branch. */
export function refusedPush(
  { updates, capabilities }: PushCommands,
  reasonOf: (update: RefUpdate) => string,
): Buffer {
  const lines = [
    "unpack ok\n",
    ...updates.map((update) => `ng ${update.ref} ${reasonOf(update).slice(0, MAX_REASON_CHARS)}\n`),
  ];
  const report = Buffer.concat([...lines.map((line) => pktLine(line)), FLUSH]);
  const wanted = capabilities.has("report-status") || capabilities.has("report-status-v2");
  if (!wanted) return pktLine(`ERR ${updates[0] ? reasonOf(updates[0]) : "refused"}\n`);
  if (!capabilities.has("side-band-64k")) return report;
  const pieces: Buffer[] = [];
  for (let at = 0; at < report.length; at += 60_000)
    pieces.push(pktLine(Buffer.concat([Buffer.from([1]), report.subarray(at, at + 60_000)])));
  return Buffer.concat([...pieces, FLUSH]);
}

/** Follows a server's answer to a push, and knows which changes it took. */
export class PushReport {
  readonly #outer = new PktParser();
  readonly #inner = new PktParser();
  readonly #sideband: boolean;
  readonly #taken = new Set<string>();
  #over = false;

  constructor(capabilities: ReadonlySet<string>) {
    this.#sideband = capabilities.has("side-band-64k") || capabilities.has("side-band");
  }

  /** Refs whose change the server took. */
  get taken(): ReadonlySet<string> {
    return this.#taken;
  }

  /** What comes of the answer. What is not of git's form ends the following, and takes nothing back. */
  push(piece: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#outer.push(piece);
      for (let line = this.#outer.next(); line !== undefined; line = this.#outer.next()) {
        if (!this.#sideband) this.#note(line);
        else if (typeof line === "object" && line[0] === 1) {
          this.#inner.push(line.subarray(1));
          for (let part = this.#inner.next(); part !== undefined; part = this.#inner.next()) this.#note(part);
        }
      }
    } catch (error) {
      if (!(error instanceof NotPktLine)) throw error;
      this.#over = true;
    }
  }

  #note(line: Buffer | string): void {
    if (typeof line === "string") return;
    const ref = /^ok ([^\n]+)\n?$/.exec(line.toString("utf8"))?.[1];
    if (ref !== undefined && this.#taken.size < MAX_COMMANDS) this.#taken.add(ref);
  }
}
