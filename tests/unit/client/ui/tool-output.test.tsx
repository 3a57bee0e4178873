// @vitest-environment happy-dom
import { screen, within, waitFor } from "@testing-library/react";
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

const FAILED: Drafted[] = [
  ...working(),
  ["plan.updated", { entries: [{ content: "Read the file", status: "in_progress" }] }, "r1"],
  ["run.failed", { error: "The provider gave up." }, "r1"],
  ["session.status", { status: "idle", waiting_for: null }],
];

test("PAGE-28: a run that failed is tried again by a button, once", async () => {
  const backend = stubBackend(() => Response.json({ runId: "r2" }, { status: 202 }));
  const user = drawSession(FAILED, <Conversation />);
  await user.click(screen.getByRole("button", { name: "Retry" }));
  await user.click(screen.getByRole("button", { name: "Sent again" }));
  expect(backend.requests).toEqual([
    { method: "POST", path: "/api/studio/sessions/s1/message", body: { message: "go on" } },
  ]);
});

test("PAGE-25: in a session that has ended no step of the plan goes on", () => {
  stubBackend();
  drawSession([...FAILED, ["session.ended", {}]], <Conversation />);
  expect(screen.getByText("Read the file").parentElement?.textContent).toBe("Not finished: Read the file");
});

test("PAGE-29: the first place is shown while one types, and Enter goes on from it", async () => {
  stubBackend();
  const user = drawSession([...command("needle one"), ...working("r2"), ...working("r3")], <Conversation />);
  await user.keyboard("{Control>}{Shift>}f{/Shift}{/Control}");
  await user.type(screen.getByRole("searchbox", { name: "Find in the transcript" }), "go on");
  expect(screen.getByText("1 of 3")).toBeTruthy();
  await user.keyboard("{Enter}");
  expect(screen.getByText("2 of 3")).toBeTruthy();
});

test("PAGE-8: what an approval shows of a long change is all of it, and its size stands above it", async () => {
  const line = (n: number) => `line ${n}\n`;
  const whole = {
    path: "long.txt",
    old_text: null,
    new_text: Array.from({ length: 300 }, (_, n) => line(n)).join(""),
  };
  const backend = stubBackend((path) =>
    path.includes("/artifacts/")
      ? Response.json({ artifact: { text: JSON.stringify(whole) } })
      : Response.json({ ok: true }),
  );
  const diff = {
    ...whole,
    new_text: Array.from({ length: 45 }, (_, n) => line(n)).join(""),
    artifact_id: "f1",
    chars: 19_500,
  };
  const asked = {
    approval_key: "a1",
    tool: "write",
    tool_call_id: "c1",
    kind: "edit",
    summary: "Write long.txt",
    request: {},
    expires_at: Date.now() + 600_000,
    diff,
  };
  drawSession([...working(), ["approval.requested", asked, "r1"]], <Conversation />);
  expect(await screen.findByText(/The whole change/)).toHaveProperty("textContent", "The whole change: +300");
  expect(backend.requests.filter(({ path }) => path.includes("/artifacts/"))).toHaveLength(1);
  expect(screen.getByText("line 299")).toBeTruthy();
});

test("BUG-11, BUG-12: a question says what the diff alone does not", () => {
  stubBackend();
  const asked = {
    approval_key: "a1",
    tool: "write",
    tool_call_id: "c1",
    kind: "edit",
    summary: "Change /tmp/x.txt",
    request: {},
    expires_at: Date.now() + 600_000,
    diff: { path: "/tmp/x.txt", old_text: "a\r\n", new_text: "b\n" },
    notes: [{ path: "/tmp/x.txt", through: "/workspace/x.txt", line_ends: { from: "CRLF", to: "LF" } }],
  };
  drawSession([...working(), ["approval.requested", asked, "r1"]], <Conversation />);
  const card = screen.getByTestId("approval-card").textContent;
  expect(card).toContain("/workspace/x.txt is a link to /tmp/x.txt, outside the workspace.");
  expect(card).toContain("Line endings in /tmp/x.txt would change from CRLF to LF.");
});

test("a call that repeats says so, and can only be let go on once", () => {
  stubBackend();
  const asked = {
    approval_key: "a1",
    tool: "read",
    // Studio's own question: it belongs to no entry of a call.
    tool_call_id: "loop:c5",
    kind: "read",
    summary: "Read a.txt",
    request: { filePath: "/workspace/a.txt" },
    expires_at: Date.now() + 600_000,
    same_calls: 5,
  };
  drawSession([...working(), ["approval.requested", asked, "r1"]], <Conversation />);
  const card = within(screen.getByTestId("approval-card"));
  card.getByRole("heading", { name: "The agent has made the same call 5 times. Let it go on?" });
  card.getByText("a.txt");
  card.getByRole("button", { name: /Allow once/ });
  card.getByRole("button", { name: /^Deny and stop/ });
  expect(card.queryByRole("button", { name: /Always allow/ })).toBeNull();
});

test("PAGE-16: a call that was allowed without asking is one row, with a mark", () => {
  stubBackend();
  drawSession(
    [
      ...working(),
      [
        "tool.requested",
        {
          tool_call_id: "c1",
          tool_name: "bash",
          kind: "execute",
          title: "ls",
          tool_input: { command: "ls" },
        },
        "r1",
      ],
      [
        "approval.requested",
        {
          approval_key: "a1",
          tool: "bash",
          tool_call_id: "c1",
          kind: "execute",
          summary: "Run ls",
          request: { command: "ls" },
          expires_at: 1,
        },
        "r1",
      ],
      [
        "approval.decided",
        {
          approval_key: "a1",
          tool_call_id: "c1",
          decision: "approved",
          reason: "rule",
          decided_by: "auto-approve",
        },
        "r1",
      ],
    ],
    <Conversation />,
  );
  expect(screen.getAllByText("ls")).toHaveLength(1);
  expect(screen.getByText("auto").getAttribute("title")).toBe("Allowed without asking: auto-approve");
  expect(screen.queryByText(/^Allowed/)).toBeNull();
});
