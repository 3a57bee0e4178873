// @vitest-environment happy-dom
import { screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { typedMicroUsd } from "#components/operator/credit-form.tsx";
import { OrganizationScreen } from "#components/operator/organization-screen.tsx";
import { OrganizationsScreen } from "#components/operator/organizations-screen.tsx";
import { OverviewScreen } from "#components/operator/overview-screen.tsx";
import { ToldFrozen } from "#components/shell/frozen-banner.tsx";
import { draw } from "./render.tsx";
import { stubBackend } from "./session.tsx";

vi.mock("next/link", () => ({
  default: ({ children, ...rest }: { children: React.ReactNode }) => <a {...rest}>{children}</a>,
}));

/** At once: key by key, the whole page would be drawn for each. */
async function fill(user: ReturnType<typeof draw>, field: HTMLElement, text: string): Promise<void> {
  await user.click(field);
  await user.paste(text);
}

const few = (count: number) => ({ count, isMore: false });
const acme = (frozen: { at: number; reason: string } | null = null) => ({
  id: "o1",
  name: "Acme",
  slug: "acme",
  createdAt: Date.UTC(2026, 10, 1),
  members: few(3),
  live: { count: 100, isMore: true },
  balanceMicroUsd: 5_000_000,
  spentThisMonthMicroUsd: 1_250_000,
  frozen,
});
const SESSION = {
  id: "s1",
  environment: "development",
  status: "active",
  cause: "Out of credits",
  next: "",
  provider: "demo",
  model: "demo",
  createdAt: 0,
  lastActivityAt: 0,
  costMicroUsd: 10_000,
};

/** The console's routes, of one organization. */
function answer(path: string): Response {
  if (path.endsWith("/organizations")) return Response.json({ organizations: [acme()], nextCursor: null });
  if (path.endsWith("/sessions")) return Response.json({ sessions: [SESSION], nextCursor: null });
  if (path.endsWith("/audit")) return Response.json({ entries: [], nextCursor: null });
  if (path.endsWith("/end")) return new Response(null, { status: 204 });
  if (path.endsWith("/credit"))
    return Response.json({ name: "Acme", slug: "acme", balanceMicroUsd: 2_500_000 });
  if (path.endsWith("/freeze")) return Response.json({ name: "Acme", slug: "acme" });
  const days = [{ day: "2026-11-30", calls: 12, costMicroUsd: 250_000, sandboxMs: 60_000 }];
  return Response.json({ organization: acme(), days, isCut: false });
}

test("the list has each organization with what it uses, and narrows by slug", async () => {
  const backend = stubBackend(answer);
  const user = draw(<OrganizationsScreen />);
  const row = (await screen.findByText("Acme")).closest("tr");
  expect(row?.textContent).toContain("100+");
  expect(row?.textContent).toContain("$1.25");
  expect(row?.textContent).toContain("$5.00");
  await fill(user, screen.getByLabelText("Slug"), "zeb");
  await vi.waitFor(() => expect(backend.requests.length).toBeGreaterThan(1));
});

test("nothing is done without a reason; a freeze is asked about first", async () => {
  const backend = stubBackend(answer);
  const user = draw(<OrganizationScreen id="acme" />);
  const freeze = await screen.findByRole("button", { name: "Freeze organization" });
  await user.click(freeze);
  expect(backend.requests.some(({ method }) => method === "POST")).toBe(false);
  await fill(user, screen.getByLabelText("Reason"), "Unpaid");
  await user.click(freeze);
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Freeze" }));
  await vi.waitFor(() =>
    expect(backend.requests).toContainEqual({
      method: "POST",
      path: "/api/operator/organizations/o1/freeze",
      body: { reason: "Unpaid" },
    }),
  );
});

test("credits are taken back with a reason, and a session is ended with one", async () => {
  const backend = stubBackend(answer);
  const user = draw(<OrganizationScreen id="acme" />);
  await fill(user, await screen.findByLabelText("Amount in US dollars"), "-2.50");
  await fill(user, screen.getByLabelText("Reason for the adjustment"), "Typed twice");
  await user.click(screen.getByRole("button", { name: "Adjust credits" }));
  expect(await screen.findByText("The balance is now $2.50.")).toBeTruthy();
  expect(backend.requests.find(({ path }) => path.endsWith("/credit"))?.body).toMatchObject({
    amountMicroUsd: -2_500_000,
    reason: "Typed twice",
  });
  expect(screen.getByText("Out of credits")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "End session s1" }));
  const dialog = within(await screen.findByRole("dialog"));
  await fill(user, dialog.getByLabelText("Reason"), "It hangs");
  await user.click(dialog.getByRole("button", { name: "End session" }));
  await vi.waitFor(() =>
    expect(backend.requests.find(({ path }) => path.endsWith("/s1/end"))?.body).toEqual({
      reason: "It hangs",
    }),
  );
});

test("amounts are dollars and cents, and never nothing", () => {
  expect(["25", "-2.50", "−1", "0", "1.234", "x", ""].map(typedMicroUsd)).toEqual([
    25_000_000,
    -2_500_000,
    -1_000_000,
    null,
    null,
    null,
    null,
  ]);
});

test("the overview says what is down, and what failed", async () => {
  stubBackend(() =>
    Response.json({
      status: {
        status: "degraded",
        version: "1",
        services: [{ name: "sandboxes", state: "down" }],
        sandboxes: null,
      },
      versions: [{ name: "Studio", version: "1.2.3" }],
      queues: [{ name: "leases_lapsed", ...few(2) }],
      failures: [{ of: "run", kind: "timeout", count: 4 }],
      signUps: [],
      areSignUpsCut: false,
      frozen: few(1),
    }),
  );
  draw(<OverviewScreen />);
  expect((await screen.findByText("sandboxes")).closest("tr")?.textContent).toContain("down");
  expect(screen.getByText("Sessions whose server is gone").closest("tr")?.textContent).toContain("2");
  expect(screen.getByText("timeout").closest("tr")?.textContent).toContain("4");
  expect(screen.getByText("Nobody came.")).toBeTruthy();
});

test("members of a frozen organization read why; others read nothing", () => {
  draw(<ToldFrozen frozen={null} />);
  expect(screen.queryByTestId("frozen-banner")).toBeNull();
  draw(<ToldFrozen frozen={{ at: 0, reason: "An invoice is overdue." }} />);
  expect(screen.getByTestId("frozen-banner").textContent).toContain("An invoice is overdue.");
});
