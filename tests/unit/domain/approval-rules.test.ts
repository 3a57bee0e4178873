import { expect, test } from "vitest";
import { coverOf } from "#domain/approval-rules.ts";

const command = (text: string) =>
  coverOf({ tool: "bash", kind: "execute", request: { command: text } }).subject;
const change = (path: string) => coverOf({ tool: "edit", kind: "edit", request: {}, diff: { path } }).subject;

test("an answer for the session covers the same and nothing else", () => {
  expect(command("ls")).toBe(command("ls"));
  expect(command("ls")).not.toBe(command("ls; rm -rf /"));
  expect(command("ls")).not.toBe(command("ls "));
  expect(change("/a")).toBe(coverOf({ tool: "write", kind: "edit", request: { filepath: "/a" } }).subject);
  expect(change("/a")).not.toBe(change("/b"));
  const tool = (request: Record<string, unknown>) =>
    coverOf({ tool: "mail", kind: "other", request }).subject;
  expect(tool({ to: "x", text: "y" })).toBe(tool({ text: "y", to: "x" }));
  expect(tool({ to: "x" })).not.toBe(tool({ to: "z" }));
  expect(coverOf({ tool: "bash", kind: "execute", request: {} }).subject).not.toBe(command(""));
});
