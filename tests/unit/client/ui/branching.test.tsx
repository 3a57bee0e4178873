// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { messageDraft, readDraft } from "#client/draft.ts";
import { BranchingProvider } from "#components/session/branching.tsx";
import { Conversation } from "#components/session/conversation.tsx";
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
