// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { messageDraft, readDraft } from "#client/draft.ts";
import { BranchingProvider } from "#components/session/branching.tsx";
import { Conversation } from "#components/session/conversation.tsx";
import { SessionHeader } from "#components/session/session-header.tsx";
import { BudgetCard } from "#components/session/wait-card.tsx";
import { type Drafted, drawSession, eventsOf, stubBackend, working } from "./session.tsx";

const went: string[] = [];
vi.mock("next/navigation", () => ({ useRouter: () => ({ push: (path: string) => went.push(path) }) }));
afterEach(() => {
  vi.unstubAllGlobals();
  went.length = 0;
  localStorage.clear();
});

const model = (id: string, price: number) => ({
  id,
  name: id,
  tier: "standard",
  contextTokens: 1,
  outputTokens: 1,
  priceInMicroUsd: price,
  priceOutMicroUsd: price,
  priceKnown: true,
  available: true,
  status: "active",
  shutdownAt: null,
});
const MODELS = {
  providers: [
    { id: "demo", name: "Demo", keySource: "platform", models: [model("demo", 9), model("mini", 1)] },
  ],
  default: { provider: "demo", model: "demo", notice: null },
};
const ENDED: Drafted[] = [
  ...working("r1"),
  [
    "run.completed",
    { output: "", stop_reason: "end_turn", total_events: 1, total_duration_ms: 1, total_tokens: 1 },
    "r1",
  ],
  ["session.status", { status: "idle", waiting_for: null }],
];

function answer(path: string): Response {
  if (path === "/api/studio/models") return Response.json(MODELS);
  if (path === "/api/studio/sessions/s1/branch")
    return Response.json({ sessionId: "s2", session: {} }, { status: 201 });
  return Response.json({ ok: true });
}

test("a turn is branched by its button, once however often it is pressed", async () => {
  const backend = stubBackend(answer);
  const user = drawSession(
    ENDED,
    <BranchingProvider>
      <Conversation />
    </BranchingProvider>,
  );
  await user.click(await screen.findByRole("button", { name: "Branch from here, turn 1" }));
  const dialog = await screen.findByRole("dialog", { name: "Branch from turn 1" });
  const branch = await within(dialog).findByRole("button", { name: "Branch" });
  await user.dblClick(branch);
  await waitFor(() => expect(went).toEqual(["/studio/s2"]));
  const asked = backend.requests.filter(({ path }) => path.endsWith("/branch"));
  expect(asked.map(({ body }) => body)).toEqual([
    { fromSeq: 5, provider: "demo", model: "demo", title: "Branch of A session", budgetCapMicroUsd: null },
  ]);
});

test("at the cap a cheaper model is proposed, and the message goes along", async () => {
  const backend = stubBackend(answer);
  const user = drawSession(
    [...working("r1"), ["session.status", { status: "active", waiting_for: "budget" }]],
    <BranchingProvider>
      <BudgetCard cap={1_000_000} />
    </BranchingProvider>,
  );
  await user.click(screen.getByRole("button", { name: "Continue with a cheaper model" }));
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByRole("combobox", { name: /Model/ })).toHaveProperty(
    "textContent",
    expect.stringContaining("mini"),
  );
  await user.click(within(dialog).getByRole("button", { name: "Branch" }));
  await waitFor(() => expect(went).toEqual(["/studio/s2"]));
  expect(backend.requests.find(({ path }) => path.endsWith("/branch"))?.body).toMatchObject({
    model: "mini",
    fromSeq: 4,
  });
  expect(readDraft(messageDraft("s2"))?.text).toBe("go on");
});

test("two checkpoints are compared, at first the last two", async () => {
  const urls: string[] = [];
  stubBackend((path, url) => {
    urls.push(url);
    return path.endsWith("/compare")
      ? Response.json({
          from: { id: "c2", seq: 2, savedAt: 1 },
          to: { id: "c3", seq: 3, savedAt: 2 },
          files: [
            { path: "a.txt", change: "added" },
            { path: "large.bin", change: "changed" },
          ],
          patch:
            "diff --git a/a.txt b/a.txt\nnew file mode 100644\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+one\n",
          truncated: true,
        })
      : answer(path);
  });
  const rest = fetch;
  const events = eventsOf(
    ["c1", "c2", "c3"].map((id): Drafted => ["checkpoint.created", { checkpoint_id: id }]),
  );
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) =>
    url.startsWith("/api/v1/sessions/s1/events?types=checkpoint.created")
      ? Response.json({ events, next_cursor: null })
      : await rest(url, init),
  );
  const user = drawSession(
    ENDED,
    <BranchingProvider>
      <SessionHeader />
    </BranchingProvider>,
  );
  await user.click(screen.getByRole("button", { name: /^More actions/ }));
  await user.click(await screen.findByRole("menuitem", { name: "Compare checkpoints" }));
  const dialog = await screen.findByRole("dialog", { name: "Compare checkpoints" });
  expect((await within(dialog).findByText("a.txt")).tagName).toBe("SPAN");
  expect(dialog.textContent).toMatch(/there's more than is shown/);
  expect(dialog.textContent).toMatch(/large\.binchanged, not shown/);
  const asked = urls.filter((url) => url.includes("/compare"));
  expect(asked).toEqual(["/api/studio/sessions/s1/checkpoints/compare?from=c2&to=c3"]);
});

test("a branch shows where it comes from, and on demand what was said there", async () => {
  const earlier = eventsOf(
    [...working("p"), ...ENDED.slice(3)].map(([type, payload]) => [type, payload, "p"]),
  );
  stubBackend(answer);
  // The stub takes every log for a stream.
  const rest = fetch;
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) =>
    url.startsWith("/api/v1/sessions/p1/events")
      ? Response.json({ events: earlier, next_cursor: null })
      : await rest(url, init),
  );
  const user = drawSession(
    [
      [
        "session.branched",
        { branched_by: "Mara", parent_session_id: "p1", parent_title: "Fix it", from_seq: 3 },
      ],
    ],
    <Conversation />,
  );
  const head = screen.getByRole("region", { name: "Where this session branches from" });
  expect(head.textContent).toMatch(/Nothing had been saved there by then/);
  expect(within(head).getByRole("link", { name: "Fix it" }).getAttribute("href")).toBe("/studio/p1#e3");
  await user.click(within(head).getByRole("button", { name: "Show the earlier conversation" }));
  expect((await screen.findByTestId("earlier")).textContent).toContain("go on");
});
