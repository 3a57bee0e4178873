/**
 * Runs in OpenCode's process before OpenCode itself (BUN_INSPECT_PRELOAD), and takes its settings from a socket that
 * the bridge holds the other end of: they never stand in an environment or on a command line that a tool can read.
 * The program's file is executable and not readable, so that the kernel lets no other process of the same user read
 * this one's memory, environment or descriptors (PTRACE_MODE_ATTACH of proc(5)); without that nothing is started.
 */
import fs from "node:fs";

const CHANNEL_FD = 3;
const REFUSED = 70;
const LOOK_MS = 5;
/** Small, since it is made for each look. */
const PIECE = 4_096;
/** How often an agent that waits looks for its session: seldom enough to cost nothing. */
const CLAIM_LOOK_MS = 20;
/** OpenCode reads it once, when its server starts. Until then it stands in the environment, and nothing else runs. */
const UNTIL_LISTENING = "OPENCODE_SERVER_PASSWORD";

function readLine(): string {
  const piece = Buffer.alloc(65_536);
  let text = "";
  while (!text.endsWith("\n")) {
    const length = readOnce(piece);
    if (length === 0) process.exit(REFUSED);
    text += piece.toString("latin1", 0, length);
  }
  return Buffer.from(text, "latin1").toString("utf8");
}

function readOnce(piece: Buffer): number {
  for (;;)
    try {
      return fs.readSync(CHANNEL_FD, piece, 0, piece.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
    }
}

// A process that others may look into has its files in /proc under its own user.
if (fs.statSync("/proc/self/environ").uid === process.getuid?.()) {
  process.stderr.write("The agent's program is readable, so its memory would be too: it is not started.\n");
  process.exit(REFUSED);
}
// Neither this file's place nor the engine's options, which are read by now, concern what commands run.
for (const name of Object.keys(process.env))
  if (name === "BUN_INSPECT_PRELOAD" || name.startsWith("BUN_JSC_")) delete process.env[name];

/** What of Bun is used here. */
interface Engine {
  plugin(plugin: {
    name: string;
    setup(build: {
      onLoad(
        options: { filter: RegExp; namespace?: string },
        load: () => { contents: string; loader: "js" },
      ): void;
    }): void;
  }): void;
}

// OpenCode imports plugins and tools of the folder that it works in, one of its two loaders whatever its settings say
// (1.18.33, `config-plugin`). All of its own code is within its program: no other file is run in this process.
(globalThis as unknown as { Bun: Engine }).Bun.plugin({
  name: "own-code-only",
  setup(build) {
    build.onLoad({ filter: /^(?!\/\$bunfs\/)/ }, () => ({ contents: "export {};", loader: "js" }));
  },
});

/** Puts settings where OpenCode finds them by name. */
function hide(settings: Record<string, string>): void {
  for (const [name, value] of Object.entries(settings))
    Object.defineProperty(process.env, name, {
      value,
      // What cannot be listed is in no copy of the environment, which is what commands get.
      enumerable: name === UNTIL_LISTENING,
      configurable: true,
      writable: true,
    });
}

hide(JSON.parse(readLine()) as Record<string, string>);
fs.writeSync(CHANNEL_FD, "settled\n");

/** Reads the bridge's next line without holding anything up. What the channel's end leaves nobody to serve ends too. */
function awaitLine(lookMs: number, use: (line: string) => void, said = ""): void {
  fs.read(CHANNEL_FD, Buffer.alloc(PIECE), 0, PIECE, null, (error, length, piece) => {
    if (error?.code === "EAGAIN") return void setTimeout(awaitLine, lookMs, lookMs, use, said);
    if (error || length === 0) process.exit(REFUSED);
    const text = said + piece.toString("latin1", 0, length);
    if (!text.endsWith("\n")) return awaitLine(lookMs, use, text);
    use(Buffer.from(text, "latin1").toString("utf8").trim());
  });
}

/** What a warm agent gets when a session claims it: OpenCode reads both when the session's folder is opened. */
function claimed(line: string): void {
  const late = JSON.parse(line) as { settings: Record<string, string>; env: Record<string, string> };
  hide(late.settings);
  Object.assign(process.env, late.env);
  fs.writeSync(CHANNEL_FD, "claimed\n");
  fs.closeSync(CHANNEL_FD);
}

// The bridge's word that the server listens. It waits for the answer, and starts nothing without it.
awaitLine(LOOK_MS, (word) => {
  delete process.env[UNTIL_LISTENING];
  fs.writeSync(CHANNEL_FD, "sealed\n");
  if (word === "seal and wait") awaitLine(CLAIM_LOOK_MS, claimed);
  else fs.closeSync(CHANNEL_FD);
});
