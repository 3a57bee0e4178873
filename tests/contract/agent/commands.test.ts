import { afterAll, beforeAll, expect, test } from "vitest";
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
