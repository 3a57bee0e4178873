import { describe, expect, test } from "vitest";
import { parseRequest } from "#demo-model/request.ts";
import { MAX_SLEEP_MS, parseScript } from "#demo-model/script.ts";
import { cpuMsOf } from "#tests/cpu-time.ts";

const demo = (...lines: string[]) => ["```demo", ...lines, "```"].join("\n");
const actsOf = (prompt: string) => {
  const request = parseRequest(prompt);
  expect(request?.errors ?? []).toEqual([]);
  return request?.acts;
};
const write = (path: string, content: string) => ({ kind: "write", path, content });
const run = (command: string) => ({ kind: "run", command });

describe("a demo script", () => {
  test("gives every act in order, wherever the block stands", () => {
    const prompt = `Please play this:\r\n${demo(
      "say Hello, world",
      "# a comment",
      "",
      "  read a.txt",
      "write b c.txt <<EOF",
      "  one => two",
      "",
      "```",
      "EOF",
      "edit b.txt one two => three",
      String.raw`edit "b c.txt" "x\n" => ""`,
      "run ls -la | wc -l",
      "sleep 20",
      "stream 7",
      "fail 429",
    )}\nThanks.`;
    expect(parseScript(prompt)).toEqual({
      errors: [],
      acts: [
        { kind: "say", text: "Hello, world" },
        { kind: "read", path: "a.txt" },
        { kind: "write", path: "b c.txt", content: "  one => two\n\n```\n" },
        { kind: "edit", path: "b.txt", before: "one two", after: "three" },
        { kind: "edit", path: "b c.txt", before: "x\n", after: "" },
        { kind: "run", command: "ls -la | wc -l" },
        { kind: "sleep", durationMs: 20 },
        { kind: "stream", tokens: 7 },
        { kind: "fail", status: 429 },
      ],
    });
  });

  test("an empty heredoc is an empty file, and two blocks are played one after the other", () => {
    const prompt = `${demo("write a <<'END'", "END")}\n${demo("say b")}`;
    expect(parseScript(prompt)?.acts).toEqual([
      { kind: "write", path: "a", content: "" },
      { kind: "say", text: "b" },
    ]);
  });

  test.each([
    ["an unknown act", demo("say a", "jump high"), 'line 2: "jump" is no act'],
    ["an open heredoc", demo("write a.txt <<EOF", "text"), "line 1: the text of a.txt has no closing EOF"],
    ["a write without a heredoc", demo("write a.txt text"), "line 1: write is written"],
    ["an edit without an arrow", demo("edit a.txt old new"), "line 1: edit is written"],
    ["a sleep that is too long", demo(`sleep ${MAX_SLEEP_MS + 1}`), "line 1: sleep needs milliseconds"],
    ["a stream of nothing", demo("stream 0"), "line 1: stream needs a number"],
    ["a status that is no failure", demo("fail 200"), "line 1: fail needs an HTTP status"],
    ["a retry-after that is no time", demo("fail 429 soon"), "line 1: fail's retry-after"],
    ["a cut with a text", demo("cut here"), "line 1: cut stands alone"],
    ["an act without its text", demo("run"), "line 1: run needs a command"],
    ["an empty block", demo(), "the demo block is empty"],
    ["an open block", "```demo\nsay a", "the demo block has no closing fence"],
  ])("%s is told", (_, prompt, message) => {
    expect(parseScript(prompt)?.errors.join("\n")).toContain(message);
  });

  test("other fenced blocks are no scripts", () => {
    expect(parseScript("```js\nsay a\n```\n`demo`")).toBeUndefined();
  });
});

describe("a plain request", () => {
  test.each([
    ["create a file hello.txt containing hi", [write("hello.txt", "hi\n")]],
    [
      "Please create the file `src/my notes.md` with the content: one, two.",
      [write("src/my notes.md", "one, two\n")],
    ],
    ["make a new file called LICENSE that says MIT", [write("LICENSE", "MIT\n")]],
    ["create a.txt", [write("a.txt", "")]],
    ['write "salt and run away" to a.txt', [write("a.txt", "salt and run away\n")]],
    ["create a file a.js containing ```js\nlet a = 1;\nrun(a)\n```", [write("a.js", "let a = 1;\nrun(a)\n")]],
    ["create a file a.txt containing salt and pepper!", [write("a.txt", "salt and pepper!\n")]],
    ["run `npm test && echo done`", [run("npm test && echo done")]],
    ["Can you execute the command ls -la?", [run("ls -la")]],
    ["list files", [{ kind: "list", path: undefined }]],
    ["List the files in src please.", [{ kind: "list", path: "src" }]],
    ["read file hello.txt", [{ kind: "read", path: "hello.txt" }]],
    ["show me the contents of the file Makefile?", [{ kind: "read", path: "Makefile" }]],
    [
      "create a file hello.txt containing hi and run `cat hello.txt`",
      [write("hello.txt", "hi\n"), run("cat hello.txt")],
    ],
    [
      "List files, then create a file b.txt containing you and me. Run `ls` and then read file b.txt",
      [
        { kind: "list", path: undefined },
        write("b.txt", "you and me\n"),
        run("ls"),
        { kind: "read", path: "b.txt" },
      ],
    ],
    ["run `a`\nrun `b and run c`", [run("a"), run("b and run c")]],
  ])("%s", (prompt, acts) => {
    expect(actsOf(prompt)).toEqual(acts);
  });

  test.each([
    "hello",
    "write a poem about rivers",
    "run the tests",
    "what files do you read?",
    "",
    "create a plan",
  ])("%j asks for nothing that it can do", (prompt) => {
    expect(parseRequest(prompt)).toBeUndefined();
  });

  test("a clause that it does not understand is told, and the rest is done", () => {
    expect(actsOf("run `ls` and then show me the weather")).toEqual([
      run("ls"),
      { kind: "say", text: 'I did not understand "show me the weather", so I leave it.' },
    ]);
  });

  test("a prompt of megabytes is read in a moment", () => {
    const tookMs = cpuMsOf(() => {
      expect(parseRequest("run and ".repeat(500_000))).toBeUndefined();
      expect(parseRequest(`create a file a.txt containing ${"! ".repeat(9000)}`)?.acts).toHaveLength(1);
    });
    expect(tookMs).toBeLessThan(3_000);
  });
});
