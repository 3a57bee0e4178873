// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Dock } from "#components/dock/dock.tsx";
import { Conversation } from "#components/session/conversation.tsx";
import { SkipToCard } from "#components/session/session-screen.tsx";
import { setLayout } from "#client/layout.ts";
import { type Drafted, drawSession, eventsOf, stubBackend, working } from "./session.tsx";

beforeEach(() => setLayout({ dockTab: "status" }));
afterEach(() => vi.unstubAllGlobals());

const failed = (run: string): Drafted[] => [
  ...working(run),
  ["run.failed", { error: "Broken.", error_kind: "provider" }, run],
];
const asking: Drafted[] = [
  ...working(),
  [
    "tool.started",
    { tool_call_id: "t1", tool_name: "bash", kind: "execute", title: "ls", tool_input: {} },
    "r1",
  ],
  [
    "approval.requested",
    {
      approval_key: "k1",
      tool: "bash",
      tool_call_id: "t1",
      kind: "execute",
      summary: "Run ls",
      request: { command: "ls" },
      expires_at: Date.parse("2030-01-01T00:00:00Z"),
    },
    "r1",
  ],
];

test("PAGE-21: the log says that it is a part, and its mark of a failure goes once it was read", async () => {
  const past = failed("r1");
  const all = Array.from({ length: 300 }, (_, index): Drafted => ["run.notice", { title: `n${index}` }]);
  const stored = eventsOf([...past, ...all]);
  const backend = stubBackend((path) =>
    path.includes("/events") ? Response.json({ events: stored.slice(-200) }) : Response.json({ ok: true }),
  );
  const fetched = globalThis.fetch;
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) =>
    url.startsWith("/api/v1/")
      ? Response.json({
          events: url.includes("text=run.failed")
            ? stored.filter(({ type }) => type === "run.failed")
            : stored.slice(-200),
          next_cursor: null,
        })
      : await fetched(url, init),
  );
  const user = drawSession([...past, ...all], <Dock />);
  const logs = screen.getByRole("tab", { name: /Logs/ });
  expect(logs.textContent).toBe("Logs");
  await waitFor(() => {
    backend.push(eventsOf(failed("r2"), stored.length));
    expect(screen.getByRole("tab", { name: /Logs/ }).textContent).toContain("1");
  });
  await user.click(screen.getByRole("tab", { name: /Logs/ }));
  const panel = await screen.findByRole("tabpanel", { name: "Logs" });
  await waitFor(() => expect(panel.textContent).toContain(`the last 204 of ${stored.length + 4} events`));
  await user.type(within(panel).getByRole("textbox", { name: "Filter log" }), "run.failed");
  await waitFor(() => expect(panel.textContent).toContain(`2 matches in ${stored.length + 4} events`));
  await user.click(screen.getByRole("tab", { name: /History/ }));
  expect(screen.getByRole("tab", { name: /Logs/ }).textContent).toBe("Logs");
});

test("PAGE-18: both ways to deny stand together, and the keyboard reaches the card first", async () => {
  stubBackend();
  const user = drawSession(
    asking,
    <>
      <SkipToCard />
      <button type="button">another</button>
      <Conversation />
    </>,
  );
  const deny = await screen.findByRole("button", { name: /^Deny\b(?! and)/ });
  expect(deny.parentElement).toBe(screen.getByRole("button", { name: "Deny and stop" }).parentElement);
  expect(deny.parentElement?.children).toHaveLength(2);
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Go to the approval" }));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("approval-card")));
});

test("PAGE-27: each time says the exact one, and how long after the start", async () => {
  stubBackend();
  drawSession(asking, <Conversation />);
  const time = screen.getAllByText("0:01")[0]?.closest("time");
  await waitFor(() => expect(time?.title).toMatch(/2026.*, 1 s after the start$/));
});

test("PAGE-24: a step's detail is whole", () => {
  stubBackend();
  const detail = "Demo: paid by platform credits";
  drawSession(
    [
      ["session.status", { status: "provisioning", waiting_for: null }],
      [
        "provision.step",
        { step: "resolve-key", label: "Choose the model", status: "completed", duration_ms: 5, detail },
      ],
    ],
    <Conversation />,
  );
  const shown = screen.getByText(detail);
  expect(shown.className).not.toContain("truncate");
});
