// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { Palette } from "#components/shell/palette.tsx";
import { SessionsList } from "#components/sessions/sessions-list.tsx";
import type { LiveSessions } from "#client/live.tsx";
import { draw } from "./render.tsx";
import { SESSION } from "./session.tsx";

const live = vi.hoisted(() => ({ sessions: [] as unknown[], more: "none", pages: 0 }));
vi.mock("next/navigation", () => ({ useRouter: () => ({ push: () => undefined }) }));
vi.mock("#client/live.tsx", () => ({
  useLiveSessions: (): LiveSessions => ({
    sessions: live.sessions as LiveSessions["sessions"],
    loaded: true,
    live: true,
    more: live.more as LiveSessions["more"],
    loadMore: () => (live.pages += 1),
  }),
  useLiveTotals: () => () => undefined,
}));

beforeEach(() => {
  live.sessions = [];
  live.more = "none";
  live.pages = 0;
});

const drawList = async () => {
  const user = draw(<SessionsList initial={{ sessions: [], hasMore: false }} />);
  await user.click(screen.getByRole("button", { name: "Archive" }));
  return user;
};

test("PAGE-38: a search that stopped before the end says so, and goes on when asked to", async () => {
  live.more = "some";
  const user = await drawList();
  expect((await screen.findByTestId("no-match-yet")).textContent).toContain(
    "stopped before the oldest sessions",
  );
  expect(screen.queryByTestId("no-match")).toBeNull();
  const before = live.pages;
  await user.click(screen.getByRole("button", { name: "Search older sessions" }));
  await waitFor(() => expect(live.pages).toBeGreaterThan(before));
});

test("PAGE-38: one that has seen all says that nothing matches", async () => {
  await drawList();
  expect((await screen.findByTestId("no-match")).textContent).toContain("Nothing in the archive matches");
});

test.each([
  ["some", true],
  ["none", false],
])(
  "PAGE-38: where there are %s more sessions, the palette says that it has the newest",
  async (more, isSaid) => {
    live.sessions = [SESSION];
    live.more = more;
    const user = draw(<Palette onClose={() => undefined} onShortcuts={() => undefined} />);
    await user.type(screen.getByRole("combobox"), "nothing like this");
    expect(
      screen.queryByRole("option", { name: /Only the newest 1 sessions are searched here/ }) !== null,
    ).toBe(isSaid);
  },
);
