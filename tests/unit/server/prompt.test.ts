import { expect, test } from "vitest";
import { promptOf } from "#server/agent/wire.ts";

const textOf = (text: string) => promptOf(text)[0]?.text ?? "";

test.each(["/etc/hosts is wrong", "  /tmp is full", "/init", "/compact the images", "\n/"])(
  "a message that begins with a slash reaches the agent as a message: %j",
  (text) => {
    expect(textOf(text).startsWith("/")).toBe(false);
    expect(textOf(text).trimStart().startsWith("/")).toBe(false);
    expect(textOf(text)).toContain(text);
  },
);

test.each(["say hi", "a / b", "/compact"])("other messages are sent as they are: %j", (text) => {
  expect(textOf(text)).toBe(text);
});
