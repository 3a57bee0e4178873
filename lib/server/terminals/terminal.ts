import { CommandExitError, type CommandHandle, type Sandbox } from "e2b";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";

/** As much of the past as a reader who comes back gets to see, in bytes. */
const KEPT_BYTES = 200_000;
/** A terminal that nobody looks at is let go of after this long; it goes on in its sandbox. */
const UNSEEN_MS = 10 * 60_000;

export interface TerminalReader {
  /** @param offset the place behind these bytes, counted from where this server began to read */
  onData: (bytes: Uint8Array, offset: number) => void;
  /** @param final true where the shell has ended; false where only this server's view of it has */
  onEnd: (final: boolean) => void;
  /** What comes now starts over: the reader's place was counted by another server. */
  onReset: () => void;
}

/** One terminal of a sandbox as this process reads it: once, for however many look at it. */
class Terminal {
  readonly #readers = new Set<TerminalReader>();
  readonly #forget: () => void;
  #kept: { bytes: Uint8Array; offset: number }[] = [];
  #keptBytes = 0;
  #offset = 0;
  /** Whether the shell has ended, or only this server's view of it; undefined while it goes on. */
  #ended: "shell" | "view" | undefined;
  #handle: CommandHandle | undefined;
  #unseen: NodeJS.Timeout | undefined;

  constructor(forget: () => void) {
    this.#forget = forget;
  }

  /** @param open starts or finds the terminal, and tells `onData` of its output */
  async open(open: (onData: (bytes: Uint8Array) => void) => Promise<CommandHandle>): Promise<number> {
    const handle = await open((bytes) => this.#take(bytes));
    this.#handle = handle;
    handle.wait().then(
      () => this.#end(true),
      // A connection that broke off is no end: whoever reads comes back, and it is found again.
      (error: unknown) => this.#end(error instanceof CommandExitError),
    );
    this.#wait();
    return handle.pid;
  }

  /** Tells a reader what comes from behind `after`, as far as it is kept. @returns a function that ends it */
  read(after: number, reader: TerminalReader): () => void {
    clearTimeout(this.#unseen);
    // Another server, or an earlier life of this one, counted the offsets: begin with all there is.
    const from = after > this.#offset ? 0 : after;
    if (after > this.#offset) reader.onReset();
    for (const { bytes, offset } of this.#kept) {
      const fresh = offset - from;
      if (fresh > 0)
        reader.onData(fresh < bytes.length ? bytes.subarray(bytes.length - fresh) : bytes, offset);
    }
    if (this.#ended) {
      reader.onEnd(this.#ended === "shell");
      return () => undefined;
    }
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#wait();
    };
  }

  #take(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    this.#kept.push({ bytes, offset: this.#offset });
    this.#keptBytes += bytes.length;
    while (this.#keptBytes > KEPT_BYTES && this.#kept.length > 1)
      this.#keptBytes -= this.#kept.shift()?.bytes.length ?? 0;
    for (const reader of this.#readers) reader.onData(bytes, this.#offset);
  }

  #wait(): void {
    clearTimeout(this.#unseen);
    this.#unseen = setTimeout(() => {
      this.#handle?.disconnect().catch((error: unknown) => {
        log("info", "a terminal was not let go of", { error: messageOf(error) });
      });
      this.#end(false);
    }, UNSEEN_MS).unref();
  }

  #end(final: boolean): void {
    if (this.#ended) return;
    this.#ended = final ? "shell" : "view";
    clearTimeout(this.#unseen);
    for (const reader of this.#readers) reader.onEnd(final);
    this.#readers.clear();
    this.#forget();
  }
}

const all = () => singleton("terminals", () => new Map<string, Promise<Terminal>>());
const keyOf = (sandboxId: string, id: string) => `${sandboxId}/${id}`;

/** Marks a process of a sandbox as a person's terminal; its value is the terminal's id. */
const MARK = "STUDIO_TERMINAL";

interface Found {
  id: string;
  pid: number;
}

/** The terminals that are open in a sandbox, whichever server opened them. */
export async function listTerminals(sandbox: Sandbox): Promise<Found[]> {
  const processes = await sandbox.commands.list();
  return processes.flatMap(({ envs, pid }) => (envs[MARK] ? [{ id: envs[MARK], pid }] : []));
}

function remember(key: string, make: (terminal: Terminal) => Promise<unknown>): Promise<Terminal> {
  const known = all().get(key);
  if (known) return known;
  const terminal = new Terminal(() => all().delete(key));
  const made = make(terminal).then(() => terminal);
  all().set(key, made);
  made.catch(() => all().delete(key));
  return made;
}

/** Opens a terminal with a shell in the workspace. */
export async function startTerminal(
  sandbox: Sandbox,
  id: string,
  size: { cols: number; rows: number },
  cwd: string,
  env: Record<string, string>,
): Promise<void> {
  await remember(keyOf(sandbox.sandboxId, id), async (terminal) =>
    terminal.open(
      async (onData) =>
        await sandbox.pty.create({
          ...size,
          cwd,
          envs: { ...env, [MARK]: id, TERM: "xterm-256color", COLORTERM: "truecolor" },
          timeoutMs: 0,
          onData,
        }),
    ),
  );
}

/** A terminal that is open already, read by this process from now on if it was not. */
export async function attachTerminal(sandbox: Sandbox, { id, pid }: Found): Promise<Terminal> {
  return await remember(keyOf(sandbox.sandboxId, id), async (terminal) =>
    terminal.open(async (onData) => await sandbox.pty.connect(pid, { onData, timeoutMs: 0 })),
  );
}
