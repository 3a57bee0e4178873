import { describe, expect, test } from "vitest";
import type { Message, OfferedTool } from "#demo-model/conversation.ts";
import { conversationOf } from "#demo-model/conversation.ts";
import { FailureMemory } from "#demo-model/failures.ts";
import { usageOf } from "#demo-model/perform.ts";
import { planReply } from "#demo-model/planner.ts";

const TOOLS: OfferedTool[] = [
  { name: "write", properties: ["filePath", "content"], required: ["filePath", "content"] },
  { name: "edit", properties: ["filePath", "oldString", "newString"], required: [] },
  { name: "read", properties: ["filePath"], required: ["filePath"] },
  { name: "bash", properties: ["command"], required: ["command"] },
];
const user = (...texts: string[]): Message => ({
  role: "user",
  texts,
  results: [],
  size: texts.join("").length,
});
const assistant: Message = { role: "assistant", texts: [], results: [], size: 40 };
const result = (text: string, failed = false): Message => ({
  role: "user",
  texts: [],
  results: [{ text, failed }],
  size: text.length,
});
const conversation = (messages: Message[], tools = TOOLS, system = "You are an agent.") =>
  conversationOf({ system, messages, tools, toolsSize: 0 });
const reply = (...messages: Message[]) => planReply(conversation(messages));
const textOf = (plan: ReturnType<typeof planReply>) =>
  plan.pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
const callOf = (plan: ReturnType<typeof planReply>) =>
  plan.pieces.flatMap((piece) => (piece.kind === "call" ? [piece.call] : []));

const ASK = user("create a file a.txt containing x and run `ls`");
const script = (...lines: string[]) => user(["```demo", ...lines, "```"].join("\n"));

describe("the fake backend", () => {
  const fake = (...messages: Message[]) => planReply(conversation(messages), { isFake: true });

  test("writes one file, whatever it is asked, and is done", () => {
    const asked = user("Please call $[web:mvp].article-writer and output 5 test suggestions.");
    expect(callOf(fake(asked))).toEqual([
      {
        name: "write",
        args: { filePath: "studio_fake_llm_output.txt", content: "hello from fake llm" },
      },
    ]);
    expect(textOf(fake(asked, assistant, result("Wrote file")))).toBe("done");
    expect(textOf(fake(asked, assistant, result("rejected permission", true)))).toBe("done");
  });

  test("says that it is done where it is offered no tool", () => {
    expect(textOf(planReply(conversation([user("hi")], []), { isFake: true }))).toBe("done");
  });
});

describe("the planner", () => {
  test("goes through a request one call a reply, and closes with what was done", () => {
    expect(callOf(reply(ASK))).toEqual([{ name: "write", args: { filePath: "a.txt", content: "x\n" } }]);
    expect(callOf(reply(ASK, assistant, result("Wrote file")))).toEqual([
      { name: "bash", args: { command: "ls" } },
    ]);
    const last = reply(ASK, assistant, result("Wrote file"), assistant, result("a.txt"));
    expect(callOf(last)).toEqual([]);
    expect(textOf(last)).toBe("Done: I wrote a.txt, ran `ls`. (Studio's demo model, a script.)");
  });

  test("counts from the last message of a person alone", () => {
    const earlier = [ASK, assistant, result("ok"), assistant, result("ok"), assistant];
    expect(callOf(reply(...earlier, ASK))[0]?.name).toBe("write");
    const reminder = user("<system-reminder>Be brief.</system-reminder>");
    expect(callOf(reply(ASK, assistant, result("ok"), reminder))[0]?.name).toBe("bash");
    const relayed = user(
      "<system-reminder>\nThe user sent the following message:\nrun `pwd`\n\nPlease address this message and continue.\n</system-reminder>",
    );
    expect(callOf(reply(ASK, assistant, result("ok"), relayed))[0]?.args).toEqual({ command: "pwd" });
  });

  test("finds the request among parts that an agent added", () => {
    expect(callOf(reply(user("run `ls`", "Called the Read tool", "file text")))[0]?.args).toEqual({
      command: "ls",
    });
  });

  test.each([
    ["refused", "The user rejected permission to use this specific tool call.", false],
    ["refused", "Error: The user has specified a rule which prevents you from using this tool call", true],
    ["failed", "Error: disk full", false],
    ["failed", "anything", true],
  ])("notes a %s write, goes on, and says so at the end", (outcome, text, failed) => {
    const next = reply(ASK, assistant, result(text, failed));
    expect(textOf(next)).toContain(
      `The write of a.txt ${outcome === "refused" ? "was refused" : "failed"}, so I go on`,
    );
    expect(callOf(next)[0]?.name).toBe("bash");
    const last = reply(ASK, assistant, result(text, failed), assistant, result("ok"));
    expect(textOf(last)).toBe(
      `Done: I ran \`ls\`. Not done: the write of a.txt (${outcome}). (Studio's demo model, a script.)`,
    );
  });

  test("takes what a command prints for what it is", () => {
    expect(textOf(reply(user("run `x`"), assistant, result("Error: printed by x")))).toContain(
      "Done: I ran `x`.",
    );
  });

  test("keeps the order of a script's texts, pauses and failures between its calls", () => {
    const prompt = script(
      "say A",
      "fail 500",
      "sleep 5",
      "stream 3",
      "fail 429",
      "run a",
      "fail 503",
      "say B",
    );
    const first = reply(prompt);
    expect(first.failures).toEqual([
      { kind: "status", status: 500 },
      { kind: "status", status: 429 },
    ]);
    expect(first.pieces.map((piece) => piece.kind)).toEqual(["text", "pause", "tokens", "text", "call"]);
    const second = reply(prompt, assistant, result("ok"));
    expect(second.failures).toEqual([{ kind: "status", status: 503 }]);
    expect(textOf(second)).toMatch(/^B\n\nDone: I ran `a`\./);
    expect(second.position).not.toBe(first.position);
  });

  test("breaks off, or hangs, behind what it has said by then", () => {
    const plan = reply(script("hang", "say A", "cut", "say B"));
    expect(plan.failures).toEqual([
      { kind: "hang", pieces: [] },
      { kind: "cut", pieces: [{ kind: "text", text: "A\n\n" }] },
    ]);
    expect(textOf(plan)).toMatch(/^A\n\nB/);
    expect(reply(script("fail 429 7")).failures).toEqual([{ kind: "status", status: 429, retryAfterS: 7 }]);
  });

  test("says so when no tool fits, and goes on", () => {
    const plan = planReply(conversation([ASK], [TOOLS[3]!]));
    expect(textOf(plan)).toBe("I was offered no tool for the write of a.txt, so I leave it out.\n\n");
    expect(callOf(plan)[0]?.name).toBe("bash");
    const alone = planReply(conversation([ASK], []));
    expect(textOf(alone)).toContain("Not done: the write of a.txt (no tool), the command `ls` (no tool).");
  });

  test("runs nothing of a script that it cannot read", () => {
    const plan = reply(script("run a", "jump"));
    expect(callOf(plan)).toEqual([]);
    expect(textOf(plan)).toContain('line 2: "jump" is no act');
  });

  test("says what it is and can do", () => {
    expect(textOf(reply(user("hello")))).toMatch(
      /^I am Studio's demo model, a script.*create a file X containing Y/,
    );
  });

  test.each([
    ["create a file a.txt containing x and run it", "Create a file a.txt containing x and"],
    ["```demo\nsay Hello there\n```", "Say Hello there"],
    ['run `ls`\n\nTitle it "The files"', "The files"],
    [`${"long".repeat(30)} word`, `Long${"long".repeat(11)}l…`],
  ])("titles %j", (text, title) => {
    const messages = [user("Generate a title for this conversation:\n"), user(text)];
    const plan = planReply(conversation(messages, [], "You are a title generator."));
    expect(textOf(plan)).toBe(title);
    expect(plan.failures).toEqual([]);
  });
});

describe("usage", () => {
  test("counts four characters a token, the cached part being what an earlier call has sent", () => {
    const first = conversation([user("x".repeat(400))], TOOLS, "s".repeat(80));
    expect(usageOf(first.promptSize, first.cachedSize, [{ kind: "tokens", count: 9 }])).toEqual({
      prompt: 120,
      cached: 0,
      output: 9,
    });
    const second = conversation(
      [user("x".repeat(400)), assistant, result("y".repeat(40))],
      TOOLS,
      "s".repeat(80),
    );
    expect(usageOf(second.promptSize, second.cachedSize, [{ kind: "text", text: "12345" }])).toEqual({
      prompt: 140,
      cached: 120,
      output: 2,
    });
  });
});

describe("the memory of failures", () => {
  test("answers each once, then lets the call through, and starts over", () => {
    const memory = new FailureMemory();
    const next = () => memory.next(["a"], [500, 429], 0);
    expect([next(), next(), next(), next()]).toEqual([500, 429, undefined, 500]);
    expect(memory.next(["b"], [500], 0)).toBe(500);
    expect(memory.next(["c"], [], 0)).toBeUndefined();
  });

  test("forgets the oldest and the expired", () => {
    const memory = new FailureMemory(2, 1000);
    for (const key of ["a", "b", "c"]) expect(memory.next([key], [500], 0)).toBe(500);
    expect(memory.next(["a"], [500], 0)).toBe(500);
    expect(memory.next(["c"], [500], 999)).toBeUndefined();
    expect(memory.next(["a"], [500], 1000)).toBe(500);
  });
});
