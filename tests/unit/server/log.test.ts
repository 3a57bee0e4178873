import { expect, test } from "vitest";
import { makeLogger } from "../../../lib/server/log.ts";
import { inRequestContext } from "../../../lib/server/request-context.ts";

function logger(level: "info" | "error" = "info") {
  const lines: string[] = [];
  const made = makeLogger(level, (line) => lines.push(line));
  return { made, last: (): unknown => JSON.parse(lines.at(-1) ?? "null"), lines };
}

test("a line is JSON with time, level, message and fields, and nothing of the machine", () => {
  const { made, last, lines } = logger();
  made.warn({ sessionId: "s1", count: 3 }, "it happened");
  expect(last()).toEqual({
    level: "warn",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    message: "it happened",
    sessionId: "s1",
    count: 3,
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith("}\n")).toBe(true);
});

test("below its level nothing is written", () => {
  const { made, lines } = logger("error");
  made.info({}, "quiet");
  expect(lines).toEqual([]);
});

test.each([
  ["a field by its name", { token: "anything" }, "anything"],
  ["Studio's own key in a text", { error: `refused sk_studio_${"a".repeat(43)}` }, "a".repeat(43)],
  ["a bearer in a text", { error: "sent Bearer abcdefghijklmnop1234" }, "abcdefghijklmnop1234"],
  [
    "a provider's key in a text",
    { error: "Incorrect API key: sk-ant-REDACTED-REDACTED" },
    "REDACTED-REDACTED",
  ],
])("%s is not written", (_, fields, secret) => {
  const { made, lines } = logger();
  made.error(fields, "failed");
  expect(lines[0]).toContain("…");
  expect(lines[0]).not.toContain(secret);
});

test("a line names the request and the trace that it belongs to", async () => {
  const { made, last } = logger();
  await inRequestContext({ requestId: "r1" }, async () => {
    await inRequestContext({ traceId: "t1" }, async () => made.info({}, "inside"));
  });
  expect(last()).toMatchObject({ requestId: "r1", traceId: "t1" });
  made.info({}, "outside");
  expect(last()).not.toHaveProperty("requestId");
});
