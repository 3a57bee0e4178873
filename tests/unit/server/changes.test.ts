import { describe, expect, test } from "vitest";
import { coverOf } from "#domain/approval-rules.ts";
import { noteSentences } from "#domain/change-notes.ts";
import { checkDraft } from "#domain/events.ts";
import { Masker } from "#domain/mask.ts";
import { checkChanges, pathsAsked } from "#server/agent/changes.ts";
import { fromAcp } from "#server/agent/from-acp.ts";
import { subagentApproval, subagentChanges } from "#server/agent/subagents.ts";
import { EMPTY_TRANSLATION, type TranslationContext } from "#server/agent/translation.ts";
import { type RpcMessage, rpcMessage } from "#server/agent/wire.ts";
import type { FileLook } from "#server/sandbox/look.ts";

const PATH = "/workspace/x.txt";
const file = (text: string, more: Partial<FileLook> = {}): FileLook => ({
  path: PATH,
  real: PATH,
  kind: "file",
  lost: 0,
  text,
  ...more,
});
const patchOf = (before: string, after: string) =>
  `Index: ${PATH}\n===\n--- ${PATH}\n+++ ${PATH}\n@@ -1,1 +1,1 @@\n-${before}\n+${after}\n`;
const told = (before: string, after: string) => ({ path: PATH, old_text: before, new_text: after });

/** What a question says, and what is shown of it. To add to it, add a row. */
const FORMS: Record<
  string,
  {
    change: Parameters<typeof checkChanges>[0][number];
    look: FileLook | undefined;
    shown: { old: string | null; new: string } | null;
    notes?: object[];
    refused?: RegExp;
  }
> = {
  "what the agent tells, where it is true": {
    change: { path: PATH, told: told("a\n", "b\n") },
    look: file("a\n"),
    shown: { old: "a\n", new: "b\n" },
  },
  "a new file": {
    change: { path: PATH, told: told("", "b\n") },
    look: { path: PATH, real: PATH, kind: "none" },
    shown: { old: null, new: "b\n" },
  },
  "BUG-10: a file with a BOM, which stays": {
    change: { path: PATH, patch: patchOf("a", "b") },
    look: file("\uFEFFa\n"),
    shown: { old: "\uFEFFa\n", new: "\uFEFFb\n" },
  },
  "BUG-10: a BOM and CRLF": {
    change: { path: PATH, patch: patchOf("a\r", "b\r") },
    look: file("\uFEFFa\r\n"),
    shown: { old: "\uFEFFa\r\n", new: "\uFEFFb\r\n" },
  },
  "BUG-10: what the agent tells of another text than the file's": {
    change: { path: PATH, told: told("z\n", "y\n"), patch: patchOf("a", "b") },
    look: file("a\n"),
    shown: { old: "a\n", new: "b\n" },
  },
  "BUG-10: a change that fits no text": {
    change: { path: PATH, patch: patchOf("q", "b") },
    look: file("a\n"),
    shown: null,
    notes: [{ path: PATH, no_preview: true }],
  },
  "BUG-12: line ends that would change": {
    change: { path: PATH, told: told("a\r\nb\r\n", "new\n") },
    look: file("a\r\nb\r\n"),
    shown: { old: "a\r\nb\r\n", new: "new\n" },
    notes: [{ path: PATH, line_ends: { from: "CRLF", to: "LF" } }],
  },
  "BUG-12: line ends of a mixed file": {
    change: { path: PATH, told: told("a\r\nb\n", "a\nb\n") },
    look: file("a\r\nb\n"),
    shown: { old: "a\r\nb\n", new: "a\nb\n" },
    notes: [{ path: PATH, line_ends: { from: "mixed", to: "LF" } }],
  },
  "BUG-7: bytes that are not UTF-8": {
    change: { path: PATH, told: told("caf\uFFFD\n", "caf\uFFFD\nx\n") },
    look: { path: PATH, real: PATH, kind: "file", lost: 1 },
    shown: null,
    notes: [{ path: PATH, no_preview: true }],
    refused: /x\.txt isn't UTF-8, and 1 byte would be lost.*iconv or perl/,
  },
  "BUG-7: a file that is removed loses none": {
    change: { path: PATH, told: told("caf\uFFFD\n", ""), removed: true },
    look: { path: PATH, real: PATH, kind: "file", lost: 1 },
    shown: { old: "caf\uFFFD\n", new: "" },
  },
  "BUG-7: a file that could not be looked at": {
    change: { path: PATH, told: told("a\n", "b\n") },
    look: undefined,
    shown: { old: "a\n", new: "b\n" },
    notes: [{ path: PATH, unchecked: true }],
  },
  "BUG-11: a link that leads out": {
    change: { path: PATH, told: told("", "b\n") },
    look: { path: PATH, real: "/tmp/x.txt", kind: "none" },
    shown: { old: null, new: "b\n" },
    notes: [{ path: "/tmp/x.txt", through: PATH }],
  },
};

describe("a change is shown as it truly is", () => {
  test.each(Object.entries(FORMS))("%s", (_, { change, look, shown, notes = [], refused }) => {
    const found = checkChanges([change], new Map(look && [[PATH, look]]));
    expect(found.diffs.map(({ old_text, new_text }) => ({ old: old_text, new: new_text }))).toEqual(
      shown ? [shown] : [],
    );
    expect(found.notes).toEqual(notes);
    if (refused) expect(found.refusal).toMatch(refused);
    else expect(found.refusal).toBeUndefined();
  });
});

test("BUG-7, BUG-11, BUG-12: each note is a sentence for a person", () => {
  expect(
    noteSentences({
      path: "/tmp/x.txt",
      through: PATH,
      line_ends: { from: "CRLF", to: "LF" },
      unchecked: true,
      no_preview: true,
    }),
  ).toEqual([
    "/workspace/x.txt is a link to /tmp/x.txt, outside the workspace.",
    "Line endings in /tmp/x.txt would change from CRLF to LF.",
    "Studio couldn't check /tmp/x.txt: it may not be UTF-8, or may be a link to somewhere else.",
    "Studio has no preview of the change to /tmp/x.txt.",
  ]);
});

const leave = (toolCall: object): RpcMessage =>
  rpcMessage.parse({
    id: 7,
    method: "session/request_permission",
    params: {
      sessionId: "s",
      toolCall: { toolCallId: "c", title: PATH, kind: "edit", status: "pending", ...toolCall },
      options: [{ optionId: "once", kind: "allow_once" }],
    },
  });

const context = (looks: FileLook[]): TranslationContext => ({
  provider: "demo",
  model: "demo",
  now: 1,
  approvalMs: 600_000,
  masker: new Masker(),
  newKey: () => "apr_1",
  looks: new Map(looks.map((look) => [look.path, look])),
});

describe("a question whose files were looked at", () => {
  test("BUG-10: has the diff that the agent does not send, and so has the result", () => {
    const question = leave({ rawInput: { filepath: PATH, diff: patchOf("a", "b") } });
    expect(pathsAsked(question)).toEqual([PATH]);
    const { state, events } = fromAcp(EMPTY_TRANSLATION, question, context([file("\uFEFFa\n")]));
    for (const event of events) checkDraft(event);
    const diff = { path: PATH, old_text: "\uFEFFa\n", new_text: "\uFEFFb\n", bytes: 5 };
    expect(events.at(-1)).toMatchObject({ type: "approval.requested", payload: { diff } });
    const done = rpcMessage.parse({
      method: "session/update",
      params: {
        update: { sessionUpdate: "tool_call_update", toolCallId: "c", status: "completed", title: "done" },
      },
    });
    expect(fromAcp(state, done, context([])).events).toMatchObject([
      { type: "tool.started" },
      { type: "tool.completed", payload: { diff } },
    ]);
  });

  test("BUG-11: names the real place, and an answer for the session covers that alone", () => {
    const content = [{ type: "diff", path: PATH, oldText: "", newText: "b\n" }];
    const question = leave({ rawInput: { filepath: PATH, diff: "@@" }, content });
    const look = { path: PATH, real: "/tmp/x.txt", kind: "none" as const };
    const { payload } = fromAcp(EMPTY_TRANSLATION, question, context([look])).events.at(-1) ?? {};
    expect(payload).toMatchObject({
      summary: "Change /tmp/x.txt",
      request: { filepath: "/tmp/x.txt" },
      diff: { path: "/tmp/x.txt" },
      notes: [{ path: "/tmp/x.txt", through: PATH }],
    });
    expect(coverOf(payload as never).subject).toBe('["change","/tmp/x.txt"]');
  });

  test("BUG-7: is refused where bytes would be lost", () => {
    const content = [{ type: "diff", path: PATH, oldText: "\uFFFD\n", newText: "\uFFFDb\n" }];
    const question = leave({ rawInput: { filepath: PATH, diff: "@@" }, content });
    const look = { path: PATH, real: PATH, kind: "file" as const, lost: 3 };
    const { payload } = fromAcp(EMPTY_TRANSLATION, question, context([look])).events.at(-1) ?? {};
    expect(payload).toMatchObject({ refusal: expect.stringContaining("3 bytes would be lost") });
    expect(payload).not.toHaveProperty("diff");
  });

  test("BUG-7, BUG-11: each file of a patch is looked at, where it is", () => {
    const files = ["a", "b", "c"].map((name) => ({ filePath: `/workspace/${name}`, type: "update" }));
    const rawInput = {
      filepath: "a, b, c",
      diff: "@@",
      files: [...files, { filePath: "/d", type: "delete" }],
    };
    const question = leave({ rawInput });
    expect(pathsAsked(question)).toEqual(["/workspace/a", "/workspace/b", "/workspace/c", "/d"]);
    const looks = [
      { path: "/workspace/a", real: "/workspace/a", kind: "file" as const, lost: 2 },
      { path: "/workspace/b", real: "/tmp/b", kind: "file" as const, lost: 0, text: "" },
      { path: "/d", real: "/d", kind: "file" as const, lost: 1 },
    ];
    const { payload } = fromAcp(EMPTY_TRANSLATION, question, context(looks)).events.at(-1) ?? {};
    expect(payload).toMatchObject({
      refusal: expect.stringMatching(/^\/workspace\/a isn't UTF-8[^\n]*$/),
      notes: [
        { path: "/workspace/a" },
        { path: "/tmp/b", through: "/workspace/b" },
        { path: "/workspace/c", unchecked: true },
      ],
    });
  });

  test("looks at nothing for a command, for reading, or for the folder of a change", () => {
    expect(pathsAsked(leave({ kind: "execute", rawInput: { command: "ls" } }))).toEqual([]);
    expect(pathsAsked(leave({ kind: "read", rawInput: { filePath: PATH } }))).toEqual([]);
    expect(pathsAsked(leave({ rawInput: { filepath: PATH, parentDir: "/tmp" } }))).toEqual([]);
  });
});

test("BUG-7, BUG-10, BUG-11: a subagent's question is checked alike", () => {
  const asked = {
    id: "per_1",
    sessionID: "s2",
    permission: "edit",
    metadata: { filepath: PATH, diff: patchOf("a", "b") },
  };
  expect(subagentChanges(asked)).toMatchObject([{ path: PATH }]);
  const whole = file("\uFEFFa\n", { real: "/tmp/x.txt" });
  expect(subagentApproval(asked, context([whole])).payload).toMatchObject({
    summary: "A subagent asks: Change /tmp/x.txt",
    diff: { path: "/tmp/x.txt", new_text: "\uFEFFb\n" },
    notes: [{ through: PATH }],
  });
  const { text: _text, ...lossy } = file("", { lost: 1 });
  const refused = subagentApproval(asked, context([lossy])).payload;
  expect(refused).toMatchObject({ refusal: expect.stringContaining("1 byte would be lost") });
  expect(refused).not.toHaveProperty("diff");
});

test("BUG-19, BUG-B7: a command that no shell can be started with is refused, and the agent is told what to do", () => {
  const payloadOf = (command: string) =>
    fromAcp(EMPTY_TRANSLATION, leave({ kind: "execute", rawInput: { command } }), context([])).events.at(-1)
      ?.payload;
  expect(payloadOf("x".repeat(131_071))).not.toHaveProperty("refusal");
  const refusal = expect.stringMatching(/131072 bytes.*write tool/);
  // In bytes, not in characters.
  expect(payloadOf("é".repeat(65_536))).toMatchObject({ refusal });
  const metadata = { command: "x".repeat(131_072) };
  const asked = { id: "per_1", sessionID: "s2", permission: "bash", metadata };
  expect(subagentApproval(asked, context([])).payload).toMatchObject({ refusal });
});
