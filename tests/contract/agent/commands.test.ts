import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandProcess } from "../../../sandbox-template/agent/command-processes.ts";
import { eventually } from "../sandbox-host/host-process.ts";
import { Field, type SandboxedAgent } from "./sandboxed-agent.ts";

let field: Field;
let agent: SandboxedAgent;

beforeAll(async () => {
  field = await Field.start();
  agent = await field.agent();
  agent.decide = () => "once";
}, 120_000);

afterAll(async () => {
  agent?.stop();
  await field?.stop();
});

interface Ran {
  ms: number;
  output: string;
  exit: number | undefined;
}

/** Runs one command by the agent's own shell tool. */
async function run(command: string): Promise<Ran> {
  const before = agent.updates.length;
  await agent.sandbox.files.write("/workspace/command.sh", command);
  const from = performance.now();
  await agent.script("run . ./command.sh");
  const ms = performance.now() - from;
  const last = agent.updates.slice(before).findLast((update) => update["rawOutput"] !== undefined);
  const said = last?.["rawOutput"] as { output?: string; metadata?: { exit?: number } } | undefined;
  return { ms, output: said?.output ?? "", exit: said?.metadata?.exit };
}

const server = (port: number) =>
  `node -e "require('http').createServer((q,s)=>s.end('hi '+${port})).listen(${port}); setInterval(()=>console.log('tick'),100)" &`;
const ask = (port: number) =>
  `curl -s --noproxy '*' --retry 20 --retry-connrefused --retry-delay 1 localhost:${port}`;

test(
  "BUG-5: a server that goes on printing neither holds the call nor dies with it",
  { timeout: 120_000 },
  async () => {
    const started = await run(`${server(8080)}\n${ask(8080)}; echo; echo foreground done`);
    expect(started.output).toContain("hi 8080");
    expect(started.output).toContain("foreground done");
    expect(started.output).toMatch(
      /\[still running: node -e .*\(pid \d+\); what it prints from now on is in \/tmp\/\S+\.log\]/,
    );
    expect(started.exit).toBe(0);
    expect(started.ms).toBeLessThan(30_000);
    const later = await run(`${ask(8080)}; cat /tmp/studio-command-*.log | head -1`);
    expect(later.output).toContain("hi 8080");
    expect(later.output).toContain("tick");
  },
);

test("BUG-5: nor does a server die with a command that fails", { timeout: 120_000 }, async () => {
  const started = await run(`${server(8081)}\n${ask(8081)}; exit 7`);
  expect(started.exit).toBe(7);
  expect((await run(ask(8081))).output).toContain("hi 8081");
});

/** What the template's program lists of the processes that commands have left. */
async function processes(...args: string[]): Promise<string> {
  const program = "/opt/studio/bin/node /opt/studio/agent/processes.mjs";
  return (await agent.sandbox.commands.run([program, ...args].join(" "))).stdout;
}

async function left(): Promise<(CommandProcess & { cpuPercent: number })[]> {
  const listed = await processes("list");
  return (JSON.parse(listed) as { processes: (CommandProcess & { cpuPercent: number })[] }).processes;
}

test("BUG-5: what commands have left running is listed, and ended alone", { timeout: 60_000 }, async () => {
  const all = await left();
  const of = (port: number) => all.find(({ ports }) => ports.includes(port));
  expect(all.map(({ ports }) => ports)).toEqual([[8080], [8081]]);
  expect(of(8080)?.command).toMatch(/^node -e require/);
  expect(Math.abs(Date.now() - (of(8080)?.since ?? 0))).toBeLessThan(120_000);
  for (const { memoryBytes, cpuPercent } of all) {
    expect(memoryBytes).toBeGreaterThan(1e6);
    expect(cpuPercent).toBeLessThan(100);
  }
  const pid = String(of(8081)?.pid);
  expect(JSON.parse(await processes("end", pid))).toMatchObject({ found: { ports: [8081] }, ended: true });
  expect(JSON.parse(await processes("end", pid))).toEqual({ found: null, ended: true });
  // What no command has left is none of them.
  expect(JSON.parse(await processes("end", "1"))).toEqual({ found: null, ended: true });
  expect((await left()).map(({ ports }) => ports)).toEqual([[8080]]);
});

test("what runs in a terminal is listed as such, its shell is not, and ending it ends no command", async () => {
  const pty = await agent.sandbox.pty.create({
    cols: 80,
    rows: 24,
    envs: { STUDIO_TERMINAL: "t1" },
    timeoutMs: 0,
    onData: () => undefined,
  });
  const type = async (line: string) =>
    await agent.sandbox.pty.sendInput(pty.pid, new TextEncoder().encode(`${line}\n`));
  await type("(sleep 311 &) ; sleep 312");
  const ofTerminal = async () => (await left()).filter(({ from }) => from === "terminal");
  const lines = async () => (await ofTerminal()).map(({ command }) => command).toSorted();
  await eventually("both run", async () => (await lines()).length === 2, 20_000);
  expect(await lines()).toEqual(["sleep 311", "sleep 312"]);
  const [first] = await ofTerminal();
  expect(JSON.parse(await processes("end", String(first?.pid)))).toMatchObject({ ended: true });
  expect(await lines()).toHaveLength(1);
  expect((await left()).map(({ ports }) => ports)).toContainEqual([8080]);
  // What its shell leaves behind is still the terminal's.
  await pty.kill();
  for (const { pid } of await ofTerminal()) await processes("end", String(pid));
  expect(await lines()).toEqual([]);
});

test("what uses a processor is told from what waits", { timeout: 60_000 }, async () => {
  await run("nohup sh -c 'while :; do :; done' > /dev/null 2>&1 &");
  const busy = (await left()).find(({ command }) => command.includes("while"));
  expect(busy?.cpuPercent).toBeGreaterThan(0);
  await processes("end", String(busy?.pid));
});

test(
  "BUG-5: after a cancel nothing lives on of its run, and all of the run before",
  { timeout: 60_000 },
  async () => {
    const stubborn = [
      server(8082),
      "(trap '' TERM; exec -a stubborn-one sleep 301) &",
      "setsid nohup sh -c 'exec -a stubborn-two sleep 302; true' > /dev/null 2>&1 &",
      "env -i setsid sleep 303 &",
      "echo started > /tmp/started; sleep 304",
    ];
    await agent.sandbox.files.write("/workspace/command.sh", stubborn.join("\n"));
    const ended = agent.script("run . ./command.sh");
    await eventually("it has started", async () => await agent.sandbox.files.exists("/tmp/started"), 20_000);
    await agent.client.post({ method: "session/cancel", params: { sessionId: agent.sessionId } });
    const from = performance.now();
    await ended;
    const alive = async () =>
      (await agent.sandbox.commands.run("pgrep -af 'sleep 30[1-4]|stubborn|8082' | grep -v pgrep || true"))
        .stdout;
    await eventually("nothing of it lives on", async () => (await alive()) === "", 10_000);
    expect(performance.now() - from).toBeLessThan(10_000);
    expect((await left()).map(({ ports }) => ports)).toEqual([[8080]]);
    expect((await run(ask(8080))).output).toContain("hi 8080");
  },
);

/** How a command ends, and what it says: as bash itself does. */
const FORMS: Record<string, { command: string; output: string; exit?: number }> = {
  "an exit code": { command: "echo out; echo err >&2; exit 3", output: "out\nerr\n", exit: 3 },
  "no output": { command: "true", output: "(no output)", exit: 0 },
  "stdin at its end": { command: "cat; read -r line || echo ended", output: "ended\n", exit: 0 },
  "a signal of a child's": { command: "sh -c 'kill -9 $$'; echo $?", output: "137", exit: 0 },
  "a command that is not there": { command: "no-such-command", output: "command not found", exit: 127 },
  "output through a process": { command: "echo through > >(sed s/th/Th/)", output: "Through\n", exit: 0 },
  "a background that ends": {
    command: "(sleep 0.05; echo late) & echo soon",
    output: "soon\nlate\n",
    exit: 0,
  },
  "a background with its own log": {
    command: "sleep 60 > /tmp/own.log 2>&1 & echo started",
    output: "started\n",
    exit: 0,
  },
  "bytes that are no text": { command: "printf 'a\\000b\\n'", output: "a\0b\n", exit: 0 },
  "ten megabytes": {
    command: "head -c 10000000 /dev/zero | tr '\\0' x; echo; echo end",
    output: "end",
    exit: 0,
  },
};

for (const [name, { command, output, exit }] of Object.entries(FORMS))
  test(`a command as bash runs it: ${name}`, { timeout: 60_000 }, async () => {
    const ran = await run(command);
    expect(ran.output).toContain(output);
    expect(ran.output).not.toContain("still running");
    expect(ran.exit).toBe(exit);
    expect(ran.ms).toBeLessThan(15_000);
  });

test("BUG-19, BUG-B7: the longest command that runs is asked about, and a longer one is refused with what to do", async () => {
  const { translationContext } = await import("#server/agent/context.ts");
  const { fromAcp } = await import("#server/agent/from-acp.ts");
  const { EMPTY_TRANSLATION } = await import("#server/agent/translation.ts");
  const asked = async (bytes: number) => {
    const before = agent.asked.length;
    const begin = "echo it ran; : ";
    const ended = agent.script(`run ${begin}${"x".repeat(bytes - begin.length)}`, "say done");
    await eventually("the question", () => agent.asked.length > before, 30_000);
    const question = agent.asked.at(-1);
    if (!question) throw new Error("it has come");
    const context = translationContext({ provider: "demo", model: "demo" });
    const { payload } = fromAcp(EMPTY_TRANSLATION, question.message, context).events.at(-1) ?? {};
    await ended;
    return { payload, output: agent.output(question.toolCallId) };
  };
  agent.decide = () => "once";
  const longest = await asked(131_071);
  expect(longest.payload).not.toHaveProperty("refusal");
  expect(longest.output).toContain("it ran");
  const longer = await asked(131_072);
  expect(longer.payload).toMatchObject({ refusal: expect.stringContaining("write tool") });
  expect(longer.output).not.toContain("it ran");
});
