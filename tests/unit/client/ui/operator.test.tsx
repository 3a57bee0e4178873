// @vitest-environment happy-dom
import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { typedMicroUsd } from "#components/operator/credit-form.tsx";
import { OrganizationScreen } from "#components/operator/organization-screen.tsx";
import { OrganizationsScreen } from "#components/operator/organizations-screen.tsx";
import { OverviewScreen } from "#components/operator/overview-screen.tsx";
import { SupportCard } from "#components/operator/support-card.tsx";
import { SupportLogScreen, SupportSessionsScreen } from "#components/operator/support-screens.tsx";
import { ToldAccess } from "#components/settings/support-screen.tsx";
import { ToldFrozen } from "#components/shell/frozen-banner.tsx";
import { ToldSupport } from "#components/shell/support-banner.tsx";
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
  if (path.endsWith("/organizations"))
    return Response.json({ organizations: [acme()], isCut: false, nextCursor: null });
  if (path.endsWith("/sessions")) return Response.json({ sessions: [SESSION], nextCursor: null });
  if (path.endsWith("/audit")) return Response.json({ entries: [], nextCursor: null });
  if (path.endsWith("/end")) return new Response(null, { status: 204 });
  if (path.endsWith("/credit"))
    return Response.json({ name: "Acme", slug: "acme", balanceMicroUsd: 2_500_000 });
  if (path.endsWith("/freeze")) return Response.json({ name: "Acme", slug: "acme" });
  const days = [{ day: "2026-11-30", calls: 12, costMicroUsd: 250_000, sandboxMs: 60_000 }];
  return Response.json({ organization: acme(), days, isCut: false, support: null });
}

test("the list has each organization with what it uses, and is searched", async () => {
  const backend = stubBackend(answer);
  const user = draw(<OrganizationsScreen />);
  const row = (await screen.findByText("Acme")).closest("tr");
  expect(row?.textContent).toContain("100+");
  expect(row?.textContent).toContain("$1.25");
  expect(row?.textContent).toContain("$5.00");
  await fill(user, screen.getByLabelText("Search"), "zeb");
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

const SUPPORT = { at: 0, until: Date.UTC(2099, 0, 1), reason: "Ticket 4711" };

test("without consent the console says how to ask; with it, it leads to the sessions", async () => {
  draw(<SupportCard organization="o1" support={null} />);
  expect(screen.getByText(/Ask one of its admins to grant it in Settings › Support access/)).toBeTruthy();
  expect(screen.queryByRole("link")).toBeNull();
  cleanup();
  draw(<SupportCard organization="o1" support={SUPPORT} />);
  expect(screen.getByText(/Ticket 4711/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Read its sessions" }).getAttribute("href")).toBe(
    "/operator/organizations/o1/sessions",
  );
});

test("sessions of an organization that consents are found by words", async () => {
  const session = { ...SESSION, title: "The broken build", userName: "Mara" };
  const backend = stubBackend(() =>
    Response.json({ sessions: [session], truncated: false, nextCursor: null }),
  );
  const user = draw(<SupportSessionsScreen organization="o1" />);
  const link = await screen.findByRole("link", { name: "The broken build" });
  expect(link.getAttribute("href")).toBe("/operator/organizations/o1/sessions/s1");
  await fill(user, screen.getByLabelText("Search"), "hang");
  await vi.waitFor(() => expect(backend.requests.length).toBeGreaterThan(1));
});

/** What the route of a log answers: by the cursor that it is asked with. */
const answerLog = (answer: (cursor: string | null) => Response) =>
  vi.stubGlobal("fetch", async (url: string) =>
    answer(new URL(url, "http://studio.test").searchParams.get("cursor")),
  );
afterEach(() => vi.unstubAllGlobals());

const event = (seq: number, content: string) => ({
  id: `e${seq}`,
  seq,
  type: "message.user",
  ts: "2026-11-30T00:00:00.000Z",
  source: "user",
  session_id: "s1",
  payload: { content },
});

test("a log is read by pages", async () => {
  answerLog((cursor) =>
    cursor === null
      ? Response.json({ events: [event(1, "Why does it hang?")], next_cursor: "1" })
      : Response.json({ events: [event(2, `behind ${cursor}`)], next_cursor: null }),
  );
  const user = draw(<SupportLogScreen organization="o1" id="s1" />);
  expect(await screen.findByText("Why does it hang?")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: /more/i }));
  expect(await screen.findByText("behind 1")).toBeTruthy();
});

test("a log that may no longer be read says so, and not that it is empty", async () => {
  const detail = "This organization hasn't let the operator read.";
  answerLog(() => Response.json({ status: 403, code: "forbidden", detail }, { status: 403 }));
  draw(<SupportLogScreen organization="o1" id="s1" />);
  expect(await screen.findByText(detail)).toBeTruthy();
  expect(screen.queryByText(/is empty/)).toBeNull();
});

test("members read until when the operator may read, and why", () => {
  draw(<ToldSupport access={null} />);
  expect(screen.queryByTestId("support-banner")).toBeNull();
  draw(<ToldSupport access={{ ...SUPPORT, by: "Ada" }} />);
  expect(screen.getByTestId("support-banner").textContent).toContain("Ticket 4711");
});

test("an admin grants with a reason, and ends after a question; others only look", async () => {
  const backend = stubBackend((_path, _url, { method }) =>
    method === "DELETE"
      ? new Response(null, { status: 204 })
      : Response.json({ until: "2099-01-01T00:00:00.000Z" }, { status: 201 }),
  );
  draw(<ToldAccess access={null} off />);
  expect(screen.getByRole("button", { name: "Grant" }).getAttribute("aria-disabled")).toBe("true");
  cleanup();
  const user = draw(<ToldAccess access={null} off={false} />);
  await user.click(screen.getByRole("button", { name: "Grant" }));
  expect(await screen.findByText("Give a reason, such as a ticket.")).toBeTruthy();
  expect(backend.requests).toEqual([]);
  await fill(user, screen.getByLabelText("Reason or ticket"), "Ticket 4711");
  await user.click(screen.getByRole("button", { name: "Grant" }));
  await vi.waitFor(() =>
    expect(backend.requests).toContainEqual({
      method: "POST",
      path: "/api/v1/support-access",
      body: { hours: 8, reason: "Ticket 4711" },
    }),
  );
  draw(<ToldAccess access={{ ...SUPPORT, by: "Ada" }} off={false} />);
  await user.click(screen.getByRole("button", { name: "End now" }));
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "End it" }));
  await vi.waitFor(() => expect(backend.requests.at(-1)?.method).toBe("DELETE"));
});
