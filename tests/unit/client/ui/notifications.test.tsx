// @vitest-environment happy-dom
import { act, render, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { useBrowserNotices } from "#client/browser-notices.ts";
import type { DestinationRow, NotificationRow } from "#client/live-notifications.ts";
import { markPage } from "#client/page-mark.ts";
import { Bell } from "#components/notifications/bell.tsx";
import { NotificationsPanel } from "#components/notifications/panel.tsx";
import { NotificationsScreen } from "#components/settings/notifications-screen.tsx";
import { DEFAULT_CHANNELS } from "#domain/notifications.ts";
import { draw } from "./render.tsx";
import { stubBackend } from "./session.tsx";

const world = vi.hoisted(() => ({
  rows: [] as NotificationRow[],
  counts: { unread: 0, waiting: 0 },
  destinations: [] as DestinationRow[],
}));

vi.mock("next/link", () => ({
  default: ({ children, ...rest }: { children: React.ReactNode }) => <a {...rest}>{children}</a>,
}));
vi.mock("next/navigation", () => ({ useRouter: () => ({ push: () => undefined }) }));
vi.mock("#client/live-notifications.ts", () => ({
  useNotifications: () => ({
    rows: world.rows,
    loading: false,
    live: true,
    more: "none",
    loadMore: () => undefined,
  }),
  useNotificationCounts: () => world.counts,
  useBrowserRows: () => [],
  useDestinations: () => world.destinations,
  useNotificationSettings: () => ({ channels: DEFAULT_CHANNELS, allSessions: false }),
}));
vi.mock("#components/approvals/request-detail.tsx", () => ({
  RequestDetail: ({ request, onDone }: { request: { key: string }; onDone: () => void }) => (
    <button type="button" onClick={onDone}>
      Allow {request.key}
    </button>
  ),
}));

const ME = { name: "Ada", role: "admin" as const, userId: "u1" };
const row = (more: Partial<Record<keyof NotificationRow, unknown>>): NotificationRow =>
  ({
    id: "n1",
    kind: "finished",
    sessionId: "s1",
    runId: "r1",
    key: null,
    title: "Fix it",
    text: "Done.",
    at: Date.now(),
    readAt: null,
    goneAt: null,
    ...more,
  }) as NotificationRow;

beforeEach(() => {
  world.rows = [];
  world.counts = { unread: 0, waiting: 0 };
  world.destinations = [];
  document.head.innerHTML = '<title>Runs · Studio</title><link rel="icon" href="/icon.svg">';
});

const icon = () => document.querySelector('link[rel="icon"]')?.getAttribute("href");

test("the title and the icon show what waits, through a change of the page, and end with it", async () => {
  const end = markPage(document, "2");
  expect(document.title).toBe("(2) Runs · Studio");
  expect(icon()).toBe("/icon-waiting.svg");
  document.title = "(3) ideas · Studio";
  await waitFor(() => expect(document.title).toBe("(2) (3) ideas · Studio"));
  end();
  expect(document.title).toBe("(3) ideas · Studio");
  expect(icon()).toBe("/icon.svg");
});

test("the bell counts what is unread, and the title what waits", async () => {
  world.counts = { unread: 3, waiting: 1 };
  draw(<Bell me={ME} />);
  screen.getByRole("button", { name: "Notifications 3 unread" });
  expect(document.title).toBe("(1) Runs · Studio");
});

test("nothing is marked where nothing waits", () => {
  world.counts = { unread: 100, waiting: 0 };
  draw(<Bell me={ME} />);
  screen.getByRole("button", { name: "Notifications 99+ unread" });
  expect(document.title).toBe("Runs · Studio");
  expect(icon()).toBe("/icon.svg");
});

test("a request is shown and answered in the panel; all else leads to its session", async () => {
  const { requests } = stubBackend();
  world.rows = [
    row({ id: "n1", kind: "approval", key: "a", title: "Deploy" }),
    row({ id: "n2", kind: "approval", key: "b", goneAt: 5, readAt: 5 }),
    row({ id: "n3", kind: "failed" }),
  ];
  const user = draw(<NotificationsPanel me={ME} onClose={() => undefined} />);
  const [first, second, third] = screen.getAllByTestId("notification");
  expect(within(second!).getByRole("link").getAttribute("href")).toBe("/studio/s1");
  within(second!).getByText("Nobody waits any more");
  within(third!).getByRole("link", { name: /Failed: Fix it/ });
  await user.click(within(first!).getByRole("button", { name: /Needs approval: Deploy/ }));
  await waitFor(() =>
    expect(requests).toContainEqual(
      expect.objectContaining({ path: "/api/v1/notifications/read", body: { notification_id: "n1" } }),
    ),
  );
  await user.click(screen.getByRole("button", { name: "Allow a" }));
  await user.click(screen.getByRole("button", { name: "Mark all as read" }));
  await waitFor(() =>
    expect(requests).toContainEqual(
      expect.objectContaining({ path: "/api/v1/notifications/read", body: {} }),
    ),
  );
});

test("a choice is saved as it is pressed, with the others as they were", async () => {
  const { requests } = stubBackend();
  const user = draw(<NotificationsScreen available={["page", "browser"]} isAdmin={false} />);
  const finished = screen.getByRole("group", { name: "Finished" });
  await user.click(within(finished).getByRole("checkbox", { name: "In the browser" }));
  await waitFor(() =>
    expect(requests).toContainEqual(
      expect.objectContaining({
        path: "/api/v1/notification-settings",
        body: {
          channels: { ...DEFAULT_CHANNELS, finished: ["page", "browser"] },
          all_sessions: false,
        },
      }),
    ),
  );
});

test("e-mail is offered where the operator has set it, and destinations are for admins", () => {
  draw(<NotificationsScreen available={["page", "browser"]} isAdmin={false} />);
  expect(screen.queryByRole("checkbox", { name: "By e-mail" })).toBeNull();
  expect(screen.queryByRole("heading", { name: "The organization’s destinations" })).toBeNull();
});

const destination = (more: Partial<Record<keyof DestinationRow, unknown>>): DestinationRow =>
  ({
    id: "d1",
    kind: "slack",
    name: "Team channel",
    host: "hooks.slack.com",
    kinds: ["approval"],
    enabled: true,
    offBecause: null,
    failures: 0,
    lastError: null,
    lastDeliveredAt: null,
    createdAt: 1,
    updatedAt: 1,
    ...more,
  }) as DestinationRow;

test("an admin adds a destination, sees its secret once, tests one, and sees why one is off", async () => {
  const path = "/api/v1/notification-destinations";
  const { requests } = stubBackend((asked) =>
    Response.json(
      asked.endsWith("/test")
        ? { sent: false, error: "The server returned 404." }
        : { destination: {}, secret: "whsec_made" },
    ),
  );
  world.destinations = [
    destination({}),
    destination({ id: "d2", name: "Old", enabled: false, offBecause: "The server returned 410." }),
  ];
  const user = draw(<NotificationsScreen available={["page", "browser", "email"]} isAdmin />);
  expect(screen.getAllByRole("checkbox", { name: "By e-mail" })).toHaveLength(5);
  screen.getByText(/The server returned 410\./);
  await user.click(screen.getByRole("button", { name: "Send a test to Team channel" }));
  await screen.findByText("The test didn't reach “Team channel”");
  expect(requests).toContainEqual(expect.objectContaining({ method: "POST", path: `${path}/d1/test` }));

  const form = screen.getByRole("form", { name: "New destination" });
  await user.click(within(form).getByRole("button", { name: "Add destination" }));
  within(form).getByText("Enter a name.");
  await user.type(within(form).getByLabelText("Name"), "Ours");
  await user.type(within(form).getByLabelText("Webhook URL"), "https://example.com/x");
  await user.click(within(form).getByRole("checkbox", { name: "Budget" }));
  await user.click(within(form).getByRole("button", { name: "Add destination" }));
  await screen.findByText("whsec_made");
  expect(requests).toContainEqual(
    expect.objectContaining({
      path,
      body: {
        kind: "slack",
        name: "Ours",
        url: "https://example.com/x",
        kinds: ["approval", "question", "failed", "budget"],
      },
    }),
  );
});

/** Stands in for the browser's notifications, and for its locks: the first who asks holds one until it is closed. */
function browser(permission: NotificationPermission) {
  const shown: { title: string; closed: boolean; press: () => void }[] = [];
  class Shown extends EventTarget {
    static readonly permission = permission;
    readonly #entry;
    constructor(title: string) {
      super();
      this.#entry = { title, closed: false, press: () => void this.dispatchEvent(new Event("click")) };
      shown.push(this.#entry);
    }
    close() {
      this.#entry.closed = true;
    }
  }
  let last = Promise.resolve();
  const request = async (_name: string, _given: unknown, held: () => Promise<void>) => {
    const before = last;
    last = before.then(held);
    await last;
  };
  vi.stubGlobal("Notification", Shown);
  Object.defineProperty(navigator, "locks", { configurable: true, value: { request } });
  return shown;
}

test("one tab alone shows each of them, once, and takes back what is over", async () => {
  localStorage.clear();
  const shown = browser("granted");
  const opened: string[] = [];
  function Tab({ rows }: { rows: NotificationRow[] }) {
    useBrowserNotices("u1", rows, ({ id }) => opened.push(id));
    return null;
  }
  const old = row({ id: "n0", at: Date.now() - 3_600_000 });
  const rows = [row({ id: "n1", kind: "approval", key: "a" }), old];
  const first = await act(async () => render(<Tab rows={rows} />));
  const second = await act(async () => render(<Tab rows={rows} />));
  expect(shown.map(({ title }) => title)).toEqual(["Needs approval: Fix it"]);
  shown[0]?.press();
  expect(opened).toEqual(["n1"]);
  await act(async () => first.rerender(<Tab rows={[old]} />));
  expect(shown[0]?.closed).toBe(true);
  await act(async () => first.unmount());
  // The next tab takes over, and shows nothing twice.
  const next = row({ id: "n2", kind: "failed", at: Date.now() + 1 });
  await act(async () => second.rerender(<Tab rows={[next, ...rows]} />));
  await waitFor(() =>
    expect(shown.map(({ title }) => title)).toEqual(["Needs approval: Fix it", "Failed: Fix it"]),
  );
});

test("a browser that blocks them is shown nothing", async () => {
  localStorage.clear();
  const shown = browser("denied");
  function Tab() {
    useBrowserNotices("u1", [row({})], () => undefined);
    return null;
  }
  await act(async () => render(<Tab />));
  expect(shown).toEqual([]);
});
