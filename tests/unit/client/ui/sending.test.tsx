// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "#components/session/conversation.tsx";
import { ShellKeys } from "#components/shell/shell-keys.tsx";
import { dropAllDrafts, flushDrafts, keepDraft, messageDraft, readDraft } from "#client/draft.ts";
import { drawSession, eventsOf, stubBackend, working } from "./session.tsx";

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

test("PAGE-6: a message in flight and what is typed next both come back after a reload", async () => {
  stubBackend((path) =>
    path.endsWith("/message") ? new Promise<Response>(() => undefined) : Response.json({ ok: true }),
  );
  const user = drawSession(IDLE, page);
  await user.type(composer(), "first");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await user.type(composer(), "second");
  flushDrafts();
  cleanup();
  // Another page load knows nothing of what this one is sending.
  vi.resetModules();
  const { readUnsent } = await import("#client/sending.ts");
  expect(readUnsent("s1", () => false).text).toBe("first\n\nsecond");
  expect(readUnsent("s1", (text, after) => text === "first" && after === 1).text).toBe("second");
});

test("PAGE-6: what is typed before the kept draft is there stands behind it", async () => {
  stubBackend();
  keepDraft(messageDraft("s1"), { text: "kept" });
  flushDrafts();
  drawSession(IDLE, page);
  // Before the first timer: no page takes a key so early by itself.
  fireEvent.change(composer(), { target: { value: "t" } });
  expect(readDraft(messageDraft("s1"))?.text).toBe("kept");
  await waitFor(() => expect(value()).toBe("kept\n\nt"));
  expect(readDraft(messageDraft("s1"))?.text).toBe("kept\n\nt");
  cleanup();
  drawSession(IDLE, page);
  fireEvent.change(composer(), { target: { value: "more" } });
  cleanup();
  expect(readDraft(messageDraft("s1"))?.text).toBe("kept\n\nt\n\nmore");
});

const FAILED: Parameters<typeof drawSession>[0] = [
  ["session.status", { status: "error", waiting_for: null, error: "No sandbox." }],
  ["session.ended", { reason: "error" }],
];

test("PAGE-6: a half-written message is shown once its session has ended, and goes into a new one", async () => {
  stubBackend();
  const user = drawSession(working(), page);
  await user.type(composer(), "half a message");
  cleanup();
  const next = drawSession([...working(), ...FAILED], page);
  expect((await screen.findByRole("group", { name: "Unsent message" })).textContent).toBe("half a message");
  expect(screen.getByRole("button", { name: "Copy: the message that wasn't sent" })).toBeTruthy();
  keepDraft(messageDraft("new"), { text: "begun there" });
  const link = screen.getByRole("link", { name: "Start a new session" });
  link.addEventListener("click", (event) => event.preventDefault());
  await next.click(link);
  expect(readDraft(messageDraft("new"))?.text).toBe("begun there\n\nhalf a message");
  expect(readDraft(messageDraft("s1"))).toBeUndefined();
});

test.each([
  ["first words", [{ message: "first words" }], { text: "half a message" }],
  [
    "a key ••••••••",
    [],
    {
      text: "a key ••••••••\n\nhalf a message",
      problem: "Secrets in it were hidden when it was stored, so fill them in first.",
    },
  ],
])("PAGE-6: “Try again” with %j keeps what was written since", async (content, sent, kept) => {
  const backend = stubBackend((path) =>
    Response.json(path.endsWith("/sessions") ? { sessionId: "s2" } : { runId: "r1" }, { status: 202 }),
  );
  keepDraft(messageDraft("s1"), { text: "half a message" });
  const user = drawSession([["message.user", { content }, "r1"], ...FAILED], page);
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(opened).toEqual(["/studio/s2"]));
  const messages = backend.requests.filter(({ path }) => path.endsWith("/message"));
  expect(messages.map(({ body }) => body)).toEqual(sent);
  // When it was written is noted a moment later.
  expect({ ...readDraft(messageDraft("s2")), at: undefined }).toEqual(kept);
  expect(readDraft(messageDraft("s1"))).toBeUndefined();
});

const failedRun = (content: string): Parameters<typeof drawSession>[0] => [
  ["message.user", { content }, "r7"],
  ["run.started", { input: content }, "r7"],
  ["run.failed", { error: "Broken.", error_kind: "provider" }, "r7"],
  ["session.status", { status: "idle", waiting_for: null }],
];

test("PAGE-28: a message whose secrets are hidden goes into the field to be completed, and is not sent", async () => {
  const backend = stubBackend();
  const user = drawSession(failedRun("use ••••••••"), page);
  await user.click(await screen.findByRole("button", { name: "Retry" }));
  await waitFor(() => expect(value()).toBe("use ••••••••"));
  expect(screen.getByText(/Secrets in it were hidden/)).toBeTruthy();
  expect(document.activeElement).toBe(composer());
  expect(backend.requests.filter(({ path }) => path.endsWith("/message"))).toEqual([]);
});

test("PAGE-28: a message that was sent from here is sent again as it was, though the log has it masked", async () => {
  const backend = stubBackend(() => Response.json({ runId: "r7" }, { status: 202 }));
  const user = drawSession(IDLE, page);
  await user.type(composer(), "use hunter22");
  await user.keyboard("{Control>}{Enter}{/Control}");
  const messages = () => backend.requests.filter(({ path }) => path.endsWith("/message"));
  await waitFor(() => expect(messages()).toHaveLength(1));
  backend.push(eventsOf(failedRun("use ••••••••"), 1));
  await user.click(await screen.findByRole("button", { name: "Retry" }));
  await waitFor(() => expect(messages()).toHaveLength(2));
  expect(messages()[1]?.body).toEqual({ message: "use hunter22" });
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

/** Another tab of this browser does something with the session's draft. */
const otherTab = (text: string | null) => {
  const key = `studio-draft:${messageDraft("s1")}`;
  const oldValue = localStorage.getItem(key);
  const newValue = text === null ? null : JSON.stringify({ text, at: Date.now() });
  if (newValue === null) localStorage.removeItem(key);
  else localStorage.setItem(key, newValue);
  return { key, oldValue, newValue };
};
const hear = (change: ReturnType<typeof otherTab>) => fireEvent(window, new StorageEvent("storage", change));

test("PAGE-6: two tabs write one draft: neither loses or overwrites what was typed in the other", async () => {
  stubBackend(() => Response.json({ ok: true }));
  const user = drawSession(IDLE, page);
  // What is typed there is here, and goes on from here.
  const typed = otherTab("typed there");
  await waitFor(() => {
    hear(typed);
    expect(value()).toBe("typed there");
  });
  await user.type(composer(), " and here");
  // Typed in both before either heard of the other: both texts stay, whoever was the last to store.
  // The page stores what is typed after a while of its own: here it did so last, however slow the typing was.
  const hurried = otherTab("typed there, in a hurry");
  keepDraft(messageDraft("s1"), { text: value() });
  flushDrafts();
  hear(hurried);
  expect(value()).toBe("typed there, in a hurry\n\ntyped there and here");
  flushDrafts();
  expect(readDraft(messageDraft("s1"))?.text).toBe(value());
  const late = otherTab("late");
  keepDraft(messageDraft("s1"), { text: value() });
  flushDrafts();
  hear(late);
  expect(value()).toContain("late");
  expect(value()).toContain("typed there and here");
  flushDrafts();
  // Sent there, it is gone here; what was typed here since stays.
  const sent = otherTab(null);
  hear(sent);
  await waitFor(() => expect(value()).toBe(""));
  await user.type(composer(), "mine");
  hear(sent);
  expect(value()).toBe("mine");
  flushDrafts();
  expect(readDraft(messageDraft("s1"))?.text).toBe("mine");
});
