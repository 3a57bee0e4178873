import type { Session } from "#domain/session.ts";
import { descendantsWith } from "#tests/processes.ts";
import type { ServiceName } from "#tests/stack.ts";
import type { Field, Wires } from "./field.ts";

/** One thing that goes wrong. */
export interface Fault {
  name: string;
  /** Lines that the model's script gets at a random place: what its own faults are. */
  lines?: readonly string[];
  /** What happens from outside at a random moment; `forMs` is how long it lasts, where it lasts. */
  strike?: (field: Field, session: Session, forMs: number) => Promise<void>;
  /** True where a finished model call may be lost to the gateway, so that nobody can count it. */
  losesCalls?: true;
  /** True where the sandbox is lost, and its own record with it. */
  losesSandbox?: true;
}

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

async function bounce(field: Field, name: ServiceName, by: NodeJS.Signals = "SIGKILL"): Promise<void> {
  await field.stack.kill(name, by);
  await field.stack.restart(name);
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, name);
    } catch (error) {
      // It has ended by itself.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}

const inSandboxes = (field: Field, text: string) => descendantsWith(field.stack.pids().sandboxes ?? 0, text);

async function freeze(pids: readonly number[], forMs: number): Promise<void> {
  signal(pids, "SIGSTOP");
  await pause(forMs);
  signal(pids, "SIGCONT");
}

const killed = (name: ServiceName, what: string, more: Partial<Fault> = {}): Fault => ({
  name: `${what} is killed`,
  strike: async (field) => await bounce(field, name),
  ...more,
});

const frozen = (name: ServiceName, what: string, more: Partial<Fault> = {}): Fault => ({
  name: `${what} is frozen for a while`,
  strike: async ({ stack }, _, forMs) => await freeze([stack.pids()[name] ?? 0], forMs),
  ...more,
});

const inside = (text: string, what: string): Fault[] => [
  { name: `${what} is killed`, strike: async (field) => signal(inSandboxes(field, text), "SIGKILL") },
  {
    name: `${what} is frozen for a while`,
    strike: async (field, _, forMs) => await freeze(inSandboxes(field, text), forMs),
  },
];

const broken = (between: keyof Wires, more: Partial<Fault> = {}): Fault[] => [
  {
    name: `the connections between ${between} are cut`,
    strike: async ({ wires }) => wires[between].cut(),
    ...more,
  },
  {
    name: `the way between ${between} is closed for a while`,
    strike: async ({ wires }, _, forMs) => {
      wires[between].refuse();
      await pause(forMs);
      wires[between].mend();
    },
    ...more,
  },
  {
    name: `the way between ${between} swallows everything for a while`,
    strike: async ({ wires }, _, forMs) => {
      wires[between].stall();
      await pause(forMs);
      wires[between].mend();
    },
    ...more,
  },
];

const MINUTE_MS = 60_000;
const jump = (ms: number, what: string): Fault => ({
  name: `the clock jumps ${what}`,
  strike: async (field, _, forMs) => {
    field.setClock(ms);
    await pause(forMs);
    field.setClock(0);
  },
});

/** All that can go wrong. */
export const FAULTS: readonly Fault[] = [
  { name: "nothing goes wrong" },
  killed("web", "the web server", { losesCalls: true }),
  killed("data", "the database"),
  killed("sandboxes", "the sandbox host", { losesSandbox: true }),
  killed("demo model", "the model", { losesCalls: true }),
  {
    name: "the web server is told to end",
    strike: async (field) => await bounce(field, "web", "SIGTERM"),
    losesCalls: true,
  },
  frozen("web", "the web server"),
  frozen("data", "the database"),
  frozen("sandboxes", "the sandbox host"),
  frozen("demo model", "the model", { losesCalls: true }),
  ...inside("opencode acp", "the agent"),
  ...inside("agent/bridge.mjs", "the agent's server"),
  {
    name: "the sandbox is killed",
    strike: async ({ stack }, session) =>
      await stack.killSandbox(session.sandboxId ?? "").catch(() => undefined),
    losesSandbox: true,
  },
  {
    name: "the sandbox's disk is filled",
    strike: async ({ stack }, session) =>
      void (await stack
        .runInSandbox(session.sandboxId ?? "", "fallocate -l 600M /workspace/filler")
        .catch(() => undefined)),
    losesSandbox: true,
  },
  ...broken("a listener and the server"),
  ...broken("the server and the database"),
  ...broken("the server and the sandbox host"),
  ...broken("the server and what runs in the sandbox"),
  ...broken("the agent and the gateway"),
  ...broken("the gateway and the model", { losesCalls: true }),
  jump(20_000, "ahead by 20 seconds"),
  jump(10 * MINUTE_MS, "ahead by ten minutes"),
  jump(120 * MINUTE_MS, "ahead by two hours"),
  jump(-20_000, "back by 20 seconds"),
  jump(-10 * MINUTE_MS, "back by ten minutes"),
  jump(-120 * MINUTE_MS, "back by two hours"),
  { name: "the model allows no more calls for a while", lines: ["fail 429 1", "fail 429 2", "fail 429"] },
  { name: "the model is out of order for a while", lines: ["fail 500", "fail 503 1", "fail 529 1"] },
  { name: "the model breaks off in the middle", lines: ["stream 40", "cut"] },
  { name: "the model stops in the middle", lines: ["stream 40", "hang"] },
  { name: "the model never answers", lines: ["hang"] },
];
