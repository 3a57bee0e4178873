// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Conversation } from "#components/session/conversation.tsx";
import { RewindDialog } from "#components/session/rewind-dialog.tsx";
import { type Drafted, drawSession, stubBackend, working } from "./session.tsx";
import { draw } from "./render.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ push: () => undefined }) }));
afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

const PREVIEW = {
  state: "preview",
  what: "both",
  runId: "r1",
  toSeq: 5,
  checkpointId: "c1",
  counts: { added: 1, changed: 2, deleted: 1 },
  files: [
    { path: "a.txt", change: "changed", byHand: false },
    { path: "gone.txt", change: "added", byHand: false },
    { path: "mine.txt", change: "changed", byHand: true },
    { path: "new.txt", change: "deleted", byHand: true },
  ],
  openCount: 2,
  pushes: [7, 9],
};
const problem = (status: number, code: string, detail: string) =>
  Response.json(
    { type: "about:blank", title: code, status, code, detail, request_id: "q" },
    { status, headers: { "content-type": "application/problem+json" } },
  );
let restoring = Promise.withResolvers<Response>();
/** Studio's answers: to a look, and to the act. */
const answers = (preview: () => Response = () => Response.json(PREVIEW), act = preview) =>
  stubBackend(async (path, _url, { body }) => {
    if (path.endsWith("/restore")) return await restoring.promise;
    if (!path.endsWith("/rewind")) return Response.json({ ok: true });
    return (JSON.parse(body as string) as { preview?: boolean }).preview === true ? preview() : act();
  });
const sentTo = ({ requests }: ReturnType<typeof answers>, end: string) =>
  requests.filter(({ path }) => path.endsWith(end)).map(({ body }) => body as Record<string, unknown>);

test("a rewind says what was pushed since, and takes it back where that is ticked; production by its word", async () => {
  const backend = answers(undefined, () => Response.json({ ...PREVIEW, state: "begun" }, { status: 202 }));
  const user = open({ isProduction: true });
  expect(await screen.findByText("2 pushes to the project since then")).toBeTruthy();
  expect(screen.getByText(/What you leave stays pushed/)).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: "Take revisions 7, 9 back too" }));
  const rewind = screen.getByRole("button", { name: "Rewind" });
  expect(rewind.getAttribute("aria-disabled") ?? rewind.getAttribute("disabled")).not.toBeNull();
  await user.type(screen.getByRole("textbox", { name: "Type production to confirm" }), "production");
  await user.click(rewind);
  await waitFor(() =>
    expect(sentTo(backend, "/rewind").at(-1)).toMatchObject({ takeBack: [7, 9], confirm: "production" }),
  );
});

const onClose = vi.fn();
afterEach(() => onClose.mockClear());
const open = ({
  live = true,
  isProduction = false,
  done,
}: { live?: boolean; isProduction?: boolean; done?: () => void } = {}) =>
  draw(
    <RewindDialog
      sessionId="s1"
      live={live}
      isProduction={isProduction}
      ask={{
        to: { runId: "r1" },
        title: "Rewind to the end of turn 1?",
        what: "both",
        ...(done && { done }),
      }}
      onClose={onClose}
    />,
  );

test("by keyboard alone: what was changed by hand stays unless it is ticked, and Escape changes nothing", async () => {
  const backend = answers(undefined, () => Response.json({ ...PREVIEW, state: "begun" }, { status: 202 }));
  const done = vi.fn();
  const user = open({ done });
  const dialog = await screen.findByRole("dialog", { name: "Rewind to the end of turn 1?" });
  const mine = await within(dialog).findByRole("group", { name: /Changed by hand\. They stay/ });
  const ticks = within(mine).getAllByRole<HTMLInputElement>("checkbox");
  expect(ticks.map(({ checked }) => checked)).toEqual([false, false]);
  // Everything is reached with Tab, in the order in which it is read.
  const reached = new Set<string>();
  for (let presses = 0; presses < 20; presses += 1) {
    await user.tab();
    const at = document.activeElement;
    if (at === ticks[0] && !reached.has("first")) await user.keyboard(" ");
    reached.add(at === ticks[0] ? "first" : (at?.getAttribute("aria-label") ?? at?.textContent ?? ""));
  }
  expect([...reached]).toEqual(
    expect.arrayContaining(["Both", "Conversation", "Files", "Only this file, a.txt", "Cancel", "Rewind"]),
  );
  expect(ticks.map(({ checked }) => checked)).toEqual([true, false]);
  within(dialog).getByRole("button", { name: "Rewind" }).focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(onClose).toHaveBeenCalledTimes(1));
  expect(done).toHaveBeenCalledTimes(1);
  expect(sentTo(backend, "/rewind").at(-1)).toEqual({
    runId: "r1",
    what: "both",
    overwrite: ["mine.txt"],
    keep: ["/"],
  });
});

test("Escape closes it, and nothing is sent but the look", async () => {
  const backend = answers();
  const user = open();
  await screen.findByRole("list", { name: "Files that change" });
  await user.keyboard("{Escape}");
  expect(onClose).toHaveBeenCalledTimes(1);
  expect(sentTo(backend, "/rewind").every((body) => body["preview"] === true)).toBe(true);
});

test("each part is looked at by itself, and of the conversation alone no file is named", async () => {
  const backend = answers();
  const user = open();
  await screen.findByRole("list", { name: "Files that change" });
  await user.click(screen.getByRole("button", { name: "Conversation" }));
  expect(await screen.findByText(/The files stay as they are/)).toBeTruthy();
  expect(screen.queryByRole("list", { name: "Files that change" })).toBeNull();
  expect(sentTo(backend, "/rewind").map((body) => body["what"])).toEqual(["both", "conversation"]);
});

test("one file comes back alone, once however often it is pressed", async () => {
  const backend = answers();
  const user = open();
  restoring = Promise.withResolvers();
  await user.dblClick(await screen.findByRole("button", { name: "Only this file, mine.txt" }));
  expect(sentTo(backend, "/checkpoints/c1/restore")).toEqual([{ path: "mine.txt", overwrite: true }]);
  restoring.resolve(Response.json({ path: "mine.txt", change: "changed" }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  // What was added since has nothing to be restored from.
  expect(screen.queryByRole("button", { name: "Only this file, new.txt" })).toBeNull();
});

test.each([
  [409, "not_ready", "Nothing has been saved after this turn yet."],
  [409, "not_saved", "That turn is no longer saved, or never was. Choose another turn."],
  [409, "turn_running", "A turn is at work. Stop it, or wait for its end, then rewind."],
  [404, "not_found", "There's no such checkpoint in this session."],
])("a look that is refused (%i %s) says why, and can't be carried out", async (status, code, detail) => {
  answers(() => problem(status, code, detail));
  open();
  expect(await screen.findByText(new RegExp(detail.slice(0, 30)))).toBeTruthy();
  expect(screen.getByRole("button", { name: "Rewind" }).getAttribute("aria-disabled")).toBe("true");
});

test("an act that is refused leaves the dialog open with the reason", async () => {
  answers(undefined, () => problem(409, "turn_running", "A turn is at work."));
  const user = open();
  await screen.findByRole("list", { name: "Files that change" });
  await user.click(screen.getByRole("button", { name: "Rewind" }));
  expect(await screen.findByText(/A turn is at work/)).toBeTruthy();
  expect(onClose).not.toHaveBeenCalled();
});

test("of a session that has ended it says that it continues, and offers no single file", async () => {
  answers();
  open({ live: false });
  await screen.findByRole("list", { name: "Files that change" });
  expect(screen.getByText(/continues in a new sandbox/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Only this file/ })).toBeNull();
});

const ENDED: Drafted[] = [
  ...working("r1"),
  [
    "run.completed",
    { output: "", stop_reason: "end_turn", total_events: 1, total_duration_ms: 1, total_tokens: 1 },
    "r1",
  ],
  [
    "checkpoint.created",
    {
      checkpoint_id: "c1",
      cause: "turn",
      files: 1,
      workspace_bytes: 1,
      stored_bytes: 1,
      left_out: 0,
      duration_ms: 1,
    },
  ],
  ["session.status", { status: "idle", waiting_for: null }],
  ["session.status", { status: "stopped", waiting_for: null }],
  ["session.ended", { reason: "idle" }],
];

test.each([
  ["was stopped", "run.cancelled", { message: "Mara stopped the run." }],
  ["has failed", "run.failed", { error: "No answer came.", error_kind: "provider", failed_at_seq: 4 }],
])("a turn that %s can be gone back to, too", async (_, type, payload) => {
  answers();
  const idle: Drafted = ["session.status", { status: "idle", waiting_for: null }];
  drawSession([...working("r1"), [type, payload, "r1"], idle], <Conversation />);
  const back = await screen.findByRole("button", { name: "Rewind to here, the end of this turn" });
  back.focus();
  expect(document.activeElement).toBe(back);
});

test("a session that has ended shows what is saved, is continued by keyboard, and its turns can be gone back to", async () => {
  const backend = answers();
  const user = drawSession(ENDED, <Conversation />);
  expect(await screen.findByText("Saved. Continue where you left off")).toBeTruthy();
  const back = await screen.findByRole("button", { name: "Rewind to here, the end of turn 1" });
  back.focus();
  expect(document.activeElement).toBe(back);
  screen.getByRole("button", { name: "Continue" }).focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(sentTo(backend, "/resume")).toHaveLength(1));
});
