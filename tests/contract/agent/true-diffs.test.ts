import { expect, test } from "vitest";
import type { PayloadOf } from "#domain/events.ts";
import { eventually } from "../sandbox-host/host-process.ts";
import { agent } from "./field-of-file.ts";

interface ChangeCase {
  /** Makes x.txt in the workspace. */
  make: string;
  /** What the agent is made to do, after it has read the file. */
  act: string[];
  asked: Partial<PayloadOf<"approval.requested">>;
  /** The bytes after that, in hexadecimal. */
  left: string;
}

const PATH = "/workspace/x.txt";
const hex = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding).toString("hex");
const WRITE = [`write ${PATH} <<E`, "new", "E"];
const EDIT = [`edit ${PATH} two => TWO`];
const diff = (old_text: string | null, new_text: string, path = PATH) => ({ path, old_text, new_text });

/** What the real agent asks for, and what people are shown. To add to it, add a row. */
const CHANGES: Record<string, ChangeCase> = {
  "BUG-10: writing over a BOM": {
    make: "printf '\\357\\273\\277one\\ntwo\\n' > x.txt",
    act: WRITE,
    asked: { diff: diff("\uFEFFone\ntwo\n", "\uFEFFnew\n") },
    left: hex("\uFEFFnew\n"),
  },
  "BUG-10: editing a file with a BOM": {
    make: "printf '\\357\\273\\277one\\ntwo\\n' > x.txt",
    act: EDIT,
    asked: { diff: diff("\uFEFFone\ntwo\n", "\uFEFFone\nTWO\n") },
    left: hex("\uFEFFone\nTWO\n"),
  },
  "BUG-10: editing a file with a BOM and CRLF": {
    make: "printf '\\357\\273\\277one\\r\\ntwo\\r\\n' > x.txt",
    act: EDIT,
    asked: { diff: diff("\uFEFFone\r\ntwo\r\n", "\uFEFFone\r\nTWO\r\n") },
    left: hex("\uFEFFone\r\nTWO\r\n"),
  },
  "BUG-12: writing over CRLF": {
    make: "printf 'one\\r\\ntwo\\r\\n' > x.txt",
    act: WRITE,
    asked: {
      diff: diff("one\r\ntwo\r\n", "new\n"),
      notes: [{ path: PATH, line_ends: { from: "CRLF", to: "LF" } }],
    },
    left: hex("new\n"),
  },
  "BUG-12: editing a file with CRLF": {
    make: "printf 'one\\r\\ntwo\\r\\n' > x.txt",
    act: EDIT,
    asked: { diff: diff("one\r\ntwo\r\n", "one\r\nTWO\r\n") },
    left: hex("one\r\nTWO\r\n"),
  },
  "BUG-11: writing through a link that leads out": {
    make: "printf 'one\\n' > /tmp/target; ln -s /tmp/target x.txt",
    act: WRITE,
    asked: {
      diff: diff("one\n", "new\n", "/tmp/target"),
      notes: [{ path: "/tmp/target", through: PATH }],
      summary: "Change /tmp/target",
    },
    left: hex("new\n"),
  },
  "BUG-7: editing Latin-1": {
    make: "printf 'caf\\351\\ntwo\\n' > x.txt",
    act: EDIT,
    asked: { refusal: expect.stringContaining("1 byte would be lost") },
    left: hex("caf\xe9\ntwo\n", "latin1"),
  },
  "BUG-7: writing over Latin-1": {
    make: "printf 'caf\\351\\ntwo\\n' > x.txt",
    act: WRITE,
    asked: { refusal: expect.stringContaining("1 byte would be lost") },
    left: hex("caf\xe9\ntwo\n", "latin1"),
  },
};

test.each(Object.entries(CHANGES))("%s", { timeout: 60_000 }, async (_, { make, act, asked, left }) => {
  const { pathsAsked } = await import("#server/agent/changes.ts");
  const { translationContext } = await import("#server/agent/context.ts");
  const { fromAcp } = await import("#server/agent/from-acp.ts");
  const { explainRefusal } = await import("#server/agent/subagents.ts");
  const { EMPTY_TRANSLATION } = await import("#server/agent/translation.ts");
  const { lookAtFiles } = await import("#server/sandbox/look.ts");
  await agent.sandbox.files.write("/tmp/make.sh", `cd /workspace && rm -f x.txt\n${make}`);
  await agent.sandbox.commands.run("sh /tmp/make.sh");
  const before = agent.asked.length;
  const ended = agent.script(`read ${PATH}`, ...act, "say done");
  await eventually("the question", () => agent.asked.length > before, 30_000);
  const question = agent.asked.at(-1);
  if (!question) throw new Error("it has come");
  const looks = await lookAtFiles(agent.sandbox, pathsAsked(question.message));
  const context = { ...translationContext({ provider: "demo", model: "demo" }), looks };
  const event = fromAcp(EMPTY_TRANSLATION, question.message, context).events.at(-1);
  if (event?.type !== "approval.requested") throw new Error("it is a question");
  const { payload } = event;
  expect(payload).toMatchObject(asked);
  expect(payload.notes === undefined).toBe(asked.notes === undefined && asked.refusal === undefined);
  expect(payload.refusal === undefined).toBe(asked.refusal === undefined);
  const { toolCallId } = question;
  if (payload.refusal === undefined) await agent.answer(question, "once");
  else {
    const told = { optionId: "reject", toolCallId, message: payload.refusal };
    await explainRefusal(agent.place, agent.sessionId, told);
    await agent.answer(question, "reject");
  }
  await ended;
  const bytes = await agent.sandbox.files.read(PATH, { format: "bytes" });
  expect(Buffer.from(bytes).toString("hex")).toBe(left);
  const results = agent.updates.filter((update) => update["toolCallId"] === toolCallId);
  if (payload.refusal !== undefined) expect(JSON.stringify(results.at(-1))).toContain("iconv or perl");
});
