// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Conversation } from "#components/session/conversation.tsx";
import { drawSession, stubBackend } from "./session.tsx";

afterEach(() => vi.unstubAllGlobals());

type Said = Parameters<typeof drawSession>[0];
const step = (id: string, fields: Record<string, unknown>): Said[number] => [
  "provision.step",
  { step: id, label: id === "setup" ? "Run set-up" : id, index: 9, total: 11, ...fields },
];
const printed: Said = [
  ["session.status", { status: "provisioning", waiting_for: "setup" }],
  step("setup", { status: "started" }),
  ["setup.output", { delta: "added 120 " }],
  ["setup.output", { delta: "packages\n" }],
];

test("set-up is a step of those sessions alone that have one", () => {
  stubBackend();
  drawSession([["session.status", { status: "provisioning", waiting_for: null }]], <Conversation />);
  expect(screen.getByText("Pull the project")).toBeDefined();
  expect(screen.queryByText("Run set-up")).toBeNull();
});

test("its output is shown as it comes", () => {
  stubBackend();
  drawSession(printed, <Conversation />);
  expect(screen.getByText("Run set-up")).toBeDefined();
  expect(screen.getByRole("group", { name: "Set-up output" }).textContent).toBe("added 120 packages\n");
});

test("one that failed is told at the head of a session that goes on, with its output on demand", async () => {
  stubBackend();
  const user = drawSession(
    [
      ...printed,
      step("setup", { status: "failed", duration_ms: 900, error: "Set-up failed with exit code 1" }),
      step("ready", { status: "completed", duration_ms: 2_000 }),
      ["session.status", { status: "ready", waiting_for: null }],
    ],
    <Conversation />,
  );
  expect(
    screen.getByRole("button", { name: /^Opened the workspace in .*, but set-up failed$/ }),
  ).toBeDefined();
  expect(screen.getByText("Set-up failed with exit code 1")).toBeDefined();
  expect(screen.queryByRole("group", { name: "Set-up output" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Set-up output" }));
  expect(screen.getByRole("group", { name: "Set-up output" })).toBeDefined();
});
