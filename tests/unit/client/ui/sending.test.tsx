// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "#components/session/conversation.tsx";
import { ShellKeys } from "#components/shell/shell-keys.tsx";
import { dropAllDrafts } from "#client/draft.ts";
import { drawSession, eventsOf, stubBackend } from "./session.tsx";

const opened = vi.hoisted(() => [] as string[]);
vi.mock("next/navigation", () => ({ useRouter: () => ({ push: (path: string) => opened.push(path) }) }));

beforeEach(() => {
  dropAllDrafts();
  opened.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

const IDLE: Parameters<typeof drawSession>[0] = [["session.status", { status: "idle", waiting_for: null }]];
const page = (
  <>
    <Conversation />
    <ShellKeys layer={null} onLayer={() => undefined} />
  </>
);
const composer = () => screen.getByRole("textbox", { name: "Message to the agent" });
const value = () => (composer() as HTMLTextAreaElement).value;
const transcript = () => screen.getByTestId("transcript").textContent;

test("PAGE-5: a message is shown from the press on, once, and the view goes to its end", async () => {
  let take: ((response: Response) => void) | undefined;
  const backend = stubBackend((path) =>
    path.endsWith("/message") ? new Promise((resolve) => (take = resolve)) : Response.json({ ok: true }),
  );
  const user = drawSession(IDLE, page);
  const box = screen.getByRole("region", { name: "Conversation so far" });
  Object.defineProperty(box, "scrollHeight", { value: 5_000, configurable: true });
  box.scrollTop = 10;
  await user.type(composer(), "look at this");
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(value()).toBe("");
  expect(screen.getByTestId("outgoing").textContent).toContain("look at this");
  expect(box.scrollTop).toBe(5_000);
  // The log may have it before the request is answered, and masked.
  backend.push(eventsOf([["message.user", { content: "look at ***", user_name: "Mara" }, "r7"]], 1));
  await waitFor(() => expect(transcript()).toContain("look at ***"));
  take?.(Response.json({ runId: "r7" }, { status: 202 }));
  await waitFor(() => expect(screen.queryByTestId("outgoing")).toBeNull());
});

test("PAGE-5: a message that was not sent goes back to where it is written, before what was typed since", async () => {
  let take: ((response: Response) => void) | undefined;
  stubBackend((path) =>
    path.endsWith("/message") ? new Promise((resolve) => (take = resolve)) : Response.json({ ok: true }),
  );
  const user = drawSession(IDLE, page);
  await user.type(composer(), "first");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await user.type(composer(), "second");
  take?.(Response.json({ code: "unavailable", detail: "Busy." }, { status: 503 }));
  await waitFor(() => expect(value()).toBe("first\n\nsecond"));
  expect(screen.queryByTestId("outgoing")).toBeNull();
  expect(screen.getByText(/Couldn't send the message/)).toBeTruthy();
});

test("PAGE-6: a half-written message comes back after a reload, and is gone once it is sent", async () => {
  stubBackend(() => Response.json({ runId: "r1" }, { status: 202 }));
  let user = drawSession(IDLE, page);
  await user.type(composer(), "half a message");
  cleanup();
  user = drawSession(IDLE, page);
  await waitFor(() => expect(value()).toBe("half a message"));
  await user.click(composer());
  await user.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(value()).toBe(""));
  await waitFor(() => expect(localStorage.getItem("studio-draft:message:s1")).toBeNull());
  cleanup();
  drawSession(IDLE, page);
  await waitFor(() => expect(screen.getByTestId("transcript")).toBeTruthy());
  expect(value()).toBe("");
});

test("PAGE-7: single keys leave no page with unsaved work, and do nothing while a field has the focus", async () => {
  stubBackend();
  const user = drawSession(IDLE, page);
  await user.type(composer(), "c");
  expect(opened).toEqual([]);
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("c");
  expect(opened).toEqual([]);
  await user.clear(composer());
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("c");
  expect(opened).toEqual(["/studio"]);
});
