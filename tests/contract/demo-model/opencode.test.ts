import fs from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AgentProcess, configOf, type Provider, startProcess } from "./opencode.ts";
import type { DemoModel } from "./process.ts";
import { startDemoModel } from "./process.ts";

let server: DemoModel;
// One for all: its start is what takes long.
let agents: AgentProcess;
beforeAll(async () => {
  server = await startDemoModel();
  agents = await startProcess({ DEMO_KEY: "k", GOOGLE_GENERATIVE_AI_API_KEY: "k" });
});
afterAll(async () => {
  await agents?.stop();
  await server.stop();
});

const providers: Record<string, (url: string) => Provider> = {
  "Chat Completions": (url) => ({
    model: "demo/demo",
    config: {
      npm: "@ai-sdk/openai-compatible",
      name: "Demo",
      options: { baseURL: `${url}/v1`, apiKey: "{env:DEMO_KEY}" },
    },
  }),
  Responses: (url) => ({
    model: "openai/demo",
    config: { options: { baseURL: `${url}/v1`, apiKey: "k" } },
  }),
  "Anthropic Messages": (url) => ({
    model: "anthropic/demo",
    config: { options: { baseURL: `${url}/v1`, apiKey: "k" } },
  }),
  "Google generateContent": (url) => ({
    model: "google/demo",
    config: { options: { baseURL: `${url}/v1beta` } },
  }),
};

const SCRIPT = [
  "Play this, please:",
  "```demo",
  "say Here we go",
  "write notes.txt <<EOF",
  "first line",
  "second line",
  "EOF",
  "fail 429",
  "read notes.txt",
  "edit notes.txt second => third",
  "edit notes.txt absent => present",
  "run grep -c line notes.txt > count.txt",
  "stream 12",
  "```",
].join("\n");

describe.each(Object.entries(providers))("OpenCode over %s", (_, provider) => {
  let agent: Awaited<ReturnType<AgentProcess["open"]>>;
  beforeAll(async () => {
    const permission = { edit: "allow", bash: { "*": "allow", "touch *": "deny", "mkdir *": "ask" } };
    agent = await agents.open(configOf(provider(server.url), permission), "reject");
  });

  test("creates a file, runs a command, plays a script with a failed edit, and answers in text", async () => {
    const file = (name: string) => fs.readFile(path.join(agent.workspace, name), "utf8");
    const plain = await agent.prompt(
      "create a file hello.txt containing hi there and run `cat hello.txt > copy.txt`",
    );
    expect(plain.text).toContain("Done: I wrote hello.txt, ran `cat hello.txt > copy.txt`.");
    expect(plain.stopReason).toBe("end_turn");
    await expect.poll(agent.title, { timeout: 5000 }).toBe("Create a file hello.txt containing hi there");
    expect(await file("hello.txt")).toBe("hi there\n");
    expect(await file("copy.txt")).toBe("hi there\n");

    const played = await agent.prompt(SCRIPT);
    expect(played.text).toContain("Here we go");
    expect(played.text).toContain("The edit of notes.txt failed, so I go on without it.");
    expect(played.text).toContain("one red sky oak sun map ink bay elm fox jar key");
    expect(played.text).toContain("read notes.txt, edited notes.txt, ran `grep");
    expect(await file("notes.txt")).toBe("first line\nthird line\n");
    expect(await file("count.txt")).toBe("2\n");

    const listed = await agent.prompt("list files and read file hello.txt");
    expect(listed.text).toContain("Done: I listed the files, read hello.txt.");
    expect(listed.tools).toHaveLength(2);
  });

  test("notes tools that a rule or a person refused, and goes on", async () => {
    const { text } = await agent.prompt(
      "run `touch no`, then run `mkdir no` and create a file yes.txt containing 1",
    );
    expect(text).toContain("The command `touch no` was refused, so I go on without it.");
    expect(text).toContain("The command `mkdir no` was refused, so I go on without it.");
    expect(text).toContain("Done: I wrote yes.txt. Not done: the command `touch no` (refused), the command");
    const files = await fs.readdir(agent.workspace);
    expect(files).toContain("yes.txt");
    expect(files).not.toContain("no");
  });
});
