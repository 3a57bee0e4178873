// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Conversation } from "#components/session/conversation.tsx";
import { type Drafted, drawSession, stubBackend, working } from "./session.tsx";

afterEach(() => vi.unstubAllGlobals());

const command = (output: string, kind = "execute"): Drafted[] => [
  ...working(),
  [
    "tool.started",
    { tool_call_id: "c1", tool_name: "bash", kind, title: "test", tool_input: { command: "npm test" } },
    "r1",
  ],
  [
    "tool.completed",
    { tool_call_id: "c1", tool_name: "bash", title: "test", output, duration_ms: 5, exit_code: 0 },
    "r1",
  ],
];
const output = () => screen.getByRole("group", { name: /^Output of/ });

test("BUG-14: a command's output is drawn as a terminal draws it, and copies as its final text", async () => {
  stubBackend();
  drawSession(command("A\u001b[31mred\u001b[0m\n10%\r20%\rdone\n"), <Conversation />);
  // At once without the codes, then with its colors.
  expect(output().textContent).not.toContain("\u001b");
  await waitFor(() => expect(output().querySelector(".text-danger")?.textContent).toBe("red"));
  expect(output().textContent).toBe("Ared\ndone");
});

test("PAGE-26: what the agent notes for its model is shown without its marks", () => {
  stubBackend();
  drawSession(
    command("half\n\n<shell_metadata>\nUser aborted the command\n</shell_metadata>"),
    <Conversation />,
  );
  expect(output().textContent).toBe("halfUser aborted the command");
});
