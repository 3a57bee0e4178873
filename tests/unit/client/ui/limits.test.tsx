// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { LimitRow } from "#client/live-limits.ts";
import { ToldLimits } from "#components/common/limits-banner.tsx";
import { OpenedElsewhere } from "#components/session/session-context.tsx";
import { Conversation } from "#components/session/conversation.tsx";
import { ReachedCard } from "#components/session/limit-card.tsx";
import { LimitsScreen } from "#components/settings/limits-screen.tsx";
import { draw } from "./render.tsx";
import { type Drafted, drawSession, eventsOf, SESSION, stubBackend, working } from "./session.tsx";

const world = vi.hoisted(() => ({ rows: [] as LimitRow[] }));

vi.mock("next/link", () => ({
  default: ({ children, ...rest }: { children: React.ReactNode }) => <a {...rest}>{children}</a>,
}));
vi.mock("#client/live-limits.ts", () => ({
  useLimit: () => world.rows[0] ?? null,
  useLimits: () => ({
    rows: world.rows,
    loading: false,
    live: true,
    more: "none",
    loadMore: () => undefined,
  }),
  useLimitSubjects: (subject?: string) =>
    subject === "member"
      ? [{ subjectId: "u2", name: "Bob" }]
      : subject
        ? [{ subjectId: "x", name: "X" }]
        : [],
}));

const row = (more: Partial<LimitRow> = {}): LimitRow => ({
  subject: "organization",
  subjectId: "o1",
  name: "Acme",
  limitMicroUsd: 10_000_000,
  spentMicroUsd: 9_500_000,
  heldMicroUsd: 0,
  toldStep: 100,
  month: "2026-11",
  resetsAt: Date.now() + 86_400_000,
  ...more,
});
const DETAIL = {
  status: 402,
  message: "The organization's monthly limit is reached",
  retryAt: Date.UTC(2026, 11, 1),
  limit: { subject: "organization", subjectId: "o1" },
} as const;

beforeEach(() => {
  world.rows = [];
});

test("an admin raises the limit from the card; a lower amount is refused before it is sent", async () => {
  const backend = stubBackend();
  const user = drawSession(working(), <ReachedCard detail={DETAIL} limit={row()} />);
  const card = within(screen.getByTestId("limit-card"));
  card.getByText("$9.50 of $10.00");
  card.getByText(/Calls with your own keys count as well/);
  const field = card.getByLabelText<HTMLInputElement>("New monthly limit in dollars");
  expect(field.value).toBe("20.00");
  await user.clear(field);
  await user.type(field, "9");
  await user.click(card.getByRole("button", { name: "Raise limit" }));
  await card.findByText("The new limit must be higher than $10.00.");
  expect(backend.requests).toEqual([]);
  await user.clear(field);
  await user.type(field, "25.50{Enter}");
  await waitFor(() =>
    expect(backend.requests).toEqual([
      {
        method: "PUT",
        path: "/api/v1/limits",
        body: { subject: "organization", subject_id: "o1", limit_micro_usd: 25_500_000 },
      },
    ]),
  );
  await card.findByRole("button", { name: "Raising limit" });
});

test("the session's log brings the card, and takes it away", async () => {
  const backend = stubBackend();
  world.rows = [row()];
  const limit = { subject: "organization", subject_id: "o1" };
  const { message, status, retryAt } = DETAIL;
  const drafts: Drafted[] = [
    ...working(),
    [
      "session.status",
      {
        status: "active",
        waiting_for: "limit",
        wait_detail: { status, message, retry_at: retryAt, limit },
      },
    ],
  ];
  drawSession(drafts, <Conversation />);
  const card = within(screen.getByTestId("limit-card"));
  card.getByRole("heading", { name: message });
  card.getByText(/the limit of/);
  const next: Drafted[] = [["session.status", { status: "active", waiting_for: null }]];
  backend.push(eventsOf(next, drafts.length));
  await waitFor(() => expect(screen.queryByTestId("limit-card")).toBeNull());
});

test("who may not see how it stands still stops the run, and learns who can raise it", async () => {
  stubBackend();
  const disabledReason = {
    drive: undefined,
    approve: undefined,
    network: undefined,
    limit: "Only admins can.",
  };
  drawSession(
    working(),
    <OpenedElsewhere session={SESSION} me="Bob" disabledReason={disabledReason}>
      <ReachedCard detail={DETAIL} />
    </OpenedElsewhere>,
  );
  const card = within(screen.getByTestId("limit-card"));
  card.getByText(/Ask an admin to raise it/);
  card.getByText("Only admins can.");
  card.getByText("The organization's monthly limit is reached");
  expect(card.queryByRole("button", { name: "Raise limit" })).toBeNull();
  expect(card.queryByRole("meter")).toBeNull();
  card.getByRole("button", { name: "Stop this run" });
});

test("the banner speaks of the nearest limit, and of nothing where there is none", () => {
  draw(<ToldLimits limits={[]} />);
  expect(screen.queryByTestId("limits-banner")).toBeNull();
  const four = ["a", "b", "c", "d"].map((subjectId) =>
    row({ subject: "agent", subjectId, name: `Agent ${subjectId}`, toldStep: 80 }),
  );
  draw(<ToldLimits limits={four} />);
  const banner = within(screen.getByTestId("limits-banner"));
  banner.getByText("80 % of a monthly limit is spent");
  expect(banner.getAllByRole("listitem").length).toBe(3);
  banner.getByText(/1 more/);
});

test("a limit is set for a member who is chosen, and changed and removed from its row", async () => {
  const backend = stubBackend(() => new Response(null, { status: 204 }));
  world.rows = [row({ subject: "api_key", subjectId: "k1", name: null })];
  const user = draw(<LimitsScreen isAdmin />);
  screen.getByRole("meter", { name: /a revoked API key/ });
  await user.click(screen.getByRole("combobox", { name: /For/ }));
  await user.click(await screen.findByRole("option", { name: "Member" }));
  await user.type(screen.getByLabelText("Dollars a month"), "50");
  await user.click(screen.getByRole("button", { name: "Set limit" }));
  await screen.findByText("Choose a member.");
  await user.click(screen.getByRole("combobox", { name: "Member" }));
  await user.click(await screen.findByRole("option", { name: "Bob" }));
  await user.click(screen.getByRole("button", { name: "Set limit" }));
  await waitFor(() =>
    expect(backend.requests.at(-1)).toEqual({
      method: "PUT",
      path: "/api/v1/limits",
      body: { subject: "member", subject_id: "u2", limit_micro_usd: 50_000_000 },
    }),
  );
  await user.click(screen.getByRole("button", { name: /Remove the limit of a revoked/ }));
  await user.click(await screen.findByRole("button", { name: "Remove limit" }));
  await waitFor(() => expect(backend.requests.at(-1)).toMatchObject({ method: "DELETE" }));
});

test("a member sees limits, and nothing to change them with", () => {
  world.rows = [row()];
  draw(<LimitsScreen isAdmin={false} />);
  screen.getByText("Acme");
  expect(screen.queryByRole("button")).toBeNull();
});
