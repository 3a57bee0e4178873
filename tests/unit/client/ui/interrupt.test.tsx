// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { Conversation } from "#components/session/conversation.tsx";
import { SessionFoot } from "#components/session/session-foot.tsx";
import { SessionHeader } from "#components/session/session-header.tsx";
import { Layers } from "#components/session/session-screen.tsx";
import { Toasts } from "#components/shell/toasts.tsx";
import { showToast } from "#client/toast.ts";
import { type Drafted, drawSession, eventsOf, SESSION, stubBackend, working } from "./session.tsx";

afterEach(() => vi.unstubAllGlobals());

const page = (
  <>
    <SessionHeader />
    <input aria-label="another field" />
    <div className="terminal">
      <textarea aria-label="a terminal" />
    </div>
    <SessionFoot />
    <Layers />
  </>
);
/** The page of a run at work, with more beside it. */
const drawBeside = (more: ReactNode) =>
  drawSession(
    working(),
    <>
      {page}
      {more}
    </>,
  );
type User = ReturnType<typeof drawSession>;
/** Opens the menu of the session, or the dialog that ends it, and has Escape close it. */
async function closeMenu(user: User): Promise<void> {
  await user.click(screen.getByRole("button", { name: /^More actions/ }));
  await screen.findByRole("menu");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
}
async function closeDialog(user: User): Promise<void> {
  await user.click(screen.getByRole("button", { name: /^More actions/ }));
  await user.click(await screen.findByRole("menuitem", { name: "End session" }));
  await screen.findByRole("alertdialog");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
}
const composer = () => screen.getByRole("textbox", { name: "Message to the agent" });
const CANCEL = { method: "POST", path: "/api/studio/sessions/s1/cancel", body: { runId: "r1" } };
const cancels = ({ requests }: ReturnType<typeof stubBackend>) =>
  requests.filter(({ path }) => path.endsWith("/cancel"));

test("PAGE-2: Escape in the composer stops the run at work without asking, and keeps what was typed", async () => {
  const backend = stubBackend();
  const user = drawSession(working(), page);
  await user.type(composer(), "half a reply");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(cancels(backend)).toEqual([CANCEL]));
  expect(screen.queryByRole("alertdialog")).toBeNull();
  expect(composer()).toHaveProperty("value", "half a reply");
  expect(screen.getByRole("button", { name: "Stopping" })).toBeTruthy();
});

test("PAGE-2: Escape stops the run while a toast is shown", async () => {
  const backend = stubBackend();
  const user = drawBeside(<Toasts />);
  act(() => showToast("Copied"));
  await screen.findByRole("dialog");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(cancels(backend)).toEqual([CANCEL]));
});

test("PAGE-2: the red button stops the run, and a second press does not stop the next one", async () => {
  const backend = stubBackend();
  const user = drawSession(working(), page);
  await user.click(screen.getByRole("button", { name: "Stop" }));
  await waitFor(() => expect(cancels(backend)).toEqual([CANCEL]));
  backend.push(
    eventsOf([["run.cancelled", { message: "Stopped." }, "r1"], ...working("r2")], working().length),
  );
  const next = await screen.findByRole("button", { name: "Stop" });
  await user.click(next);
  await user.keyboard("{Escape}");
  expect(cancels(backend)).toEqual([CANCEL]);
});

test("PAGE-2: a press that came just as the next run began does not stop that one", async () => {
  const backend = stubBackend();
  // However long this takes, no time passes for the page.
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const user = drawBeside(<Conversation />);
    const next: Drafted[] = [
      ["run.completed", { output: "done", stop_reason: "end_turn" }, "r1"],
      ["message.user", { content: "the next one" }, "r2"],
      ["run.started", { input: "the next one" }, "r2"],
    ];
    await waitFor(() => {
      backend.push(eventsOf(next, working().length));
      expect(screen.getByText("the next one")).toBeTruthy();
    });
    await user.keyboard("{Escape}");
    expect(cancels(backend)).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test("PAGE-2: Escape in another field, a terminal, a menu or a dialog closes or reaches that alone", async () => {
  const backend = stubBackend();
  const user = drawSession(working(), page);
  for (const name of ["another field", "a terminal"]) {
    await user.click(screen.getByRole("textbox", { name }));
    await user.keyboard("{Escape}");
  }
  await closeMenu(user);
  await closeDialog(user);
  expect(backend.requests.filter(({ path }) => !path.endsWith("/keepalive"))).toEqual([]);
});

test("PAGE-2: Escape again, just after one that closed a layer, stops nothing; later it does", async () => {
  const backend = stubBackend();
  const user = drawBeside(<Conversation />);
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const closings = [
      async () => await closeDialog(user),
      async () => await closeMenu(user),
      async () => {
        await user.keyboard("{Control>}{Shift>}f{/Shift}{/Control}");
        await user.click(await screen.findByRole("searchbox", { name: "Find in the transcript" }));
        await user.keyboard("{Escape}");
        await waitFor(() => expect(screen.queryByRole("searchbox")).toBeNull());
      },
      async () => {
        await user.keyboard("{Control>}{Shift>}f{/Shift}{/Control}");
        const field = await screen.findByRole("searchbox", { name: "Find in the transcript" });
        field.blur();
        await user.keyboard("{Escape}");
        await waitFor(() => expect(screen.queryByRole("searchbox")).toBeNull());
      },
    ];
    for (const close of closings) {
      vi.advanceTimersByTime(1_000);
      // oxlint-disable-next-line no-await-in-loop -- one after another, as a person does it
      await close();
      vi.advanceTimersByTime(700);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await user.keyboard("{Escape}");
      expect(cancels(backend)).toEqual([]);
    }
    vi.advanceTimersByTime(200);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(cancels(backend)).toEqual([CANCEL]));
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ["says that it composes", { isComposing: true }],
  ["has the key code of a composition", { keyCode: 229 }],
])("PAGE-2: Escape that ends a composition and %s stops nothing", async (_name, facts) => {
  const backend = stubBackend();
  const user = drawSession(working(), page);
  await user.click(composer());
  fireEvent.keyDown(composer(), { key: "Escape", ...facts });
  await user.keyboard("{Escape}");
  expect(cancels(backend)).toEqual([]);
});

test("PAGE-2: ending the session is an act of its menu, which says that its work is saved", async () => {
  const backend = stubBackend();
  const user = drawSession([...working(), ["run.queued", { input: "next" }, "r2"]], page);
  await user.click(screen.getByRole("button", { name: /^More actions/ }));
  await user.click(await screen.findByRole("menuitem", { name: "End session" }));
  const dialog = await screen.findByRole("alertdialog");
  expect(dialog.textContent).toContain("The run ends now");
  expect(dialog.textContent).toContain("1 message in the queue won't be sent");
  expect(dialog.textContent).toContain("Its work is saved first");
  expect(backend.requests).toEqual([]);
  await user.click(screen.getByRole("button", { name: "End session" }));
  await waitFor(() =>
    expect(backend.requests).toEqual([
      { method: "DELETE", path: "/api/studio/sessions/s1", body: undefined },
    ]),
  );
});

test("PAGE-23: the idle countdown is shown in its last two minutes, with a way to keep the session", async () => {
  const backend = stubBackend();
  const IDLE: Parameters<typeof drawSession>[0] = [["session.status", { status: "idle", waiting_for: null }]];
  const began = SESSION.lastActivityAt + 1_000;
  vi.useFakeTimers({ now: began + SESSION.idleTimeoutMs - 121_000, toFake: ["Date"] });
  try {
    drawSession(IDLE, page, began);
    expect(screen.queryByText(/Stops in/)).toBeNull();
    cleanup();
    vi.setSystemTime(began + SESSION.idleTimeoutMs - 60_000);
    const user = drawSession(IDLE, page, began);
    expect(screen.getByText(/Stops in/).textContent).toBe("Stops in 1:00");
    await user.click(screen.getByRole("button", { name: "Keep it running" }));
    await waitFor(() => expect(screen.queryByText(/Stops in/)).toBeNull());
    cleanup();
    // A phone has it below the header.
    vi.stubGlobal("matchMedia", () => ({
      matches: true,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }));
    drawSession(IDLE, page, began);
    const left = screen.getByText(/Stops in/);
    expect(screen.getByRole("banner").contains(left)).toBe(false);
    expect(backend.requests.map(({ path }) => path)).toEqual(["/api/studio/sessions/s1/keepalive"]);
  } finally {
    vi.useRealTimers();
  }
});
