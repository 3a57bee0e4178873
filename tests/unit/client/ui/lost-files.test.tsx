// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EndedFiles } from "#components/workspace/ended-files.tsx";
import { FilesPane } from "#components/workspace/files-pane.tsx";
import { dropAllDrafts, fileDraft, keepDraft, readDraft } from "#client/draft.ts";
import { drawSession, eventsOf, stubBackend } from "./session.tsx";

// The editor needs a layout; here a field stands in its place.
vi.mock("#components/workspace/editor.tsx", () => ({
  Editor: ({ path, text, readOnly }: { path: string; text: string; readOnly: boolean }) => (
    <textarea aria-label={path} value={text} readOnly={readOnly} onChange={() => undefined} />
  ),
}));

const HASH = "a".repeat(64);
const FILE = { kind: "file", path: "src/a.txt", size: 4, modifiedAt: null, hash: HASH, encoding: "utf-8" };
const gone = () =>
  Response.json({ code: "not_found", kind: "file_not_found", detail: "No such file." }, { status: 404 });
const saved = () => Response.json({ ...FILE, hash: "b".repeat(64), content: "mine\n" });
let read: () => Response;
let write: () => Response;

beforeEach(() => {
  dropAllDrafts();
  sessionStorage.clear();
  read = gone;
  write = saved;
});
afterEach(() => vi.unstubAllGlobals());

function answer(path: string, url: string, init: RequestInit): Response {
  if (path.endsWith("/content")) return new Response("x".repeat(2_000_000));
  if (!path.endsWith("/files")) return Response.json({ ok: true });
  if (init.method === "PUT") return write();
  if (new URL(url, "http://studio.test").searchParams.get("path") === "src/a.txt") return read();
  return Response.json({ kind: "folder", path: "", entries: [], truncated: false });
}

const IDLE: Parameters<typeof drawSession>[0] = [["session.status", { status: "idle", waiting_for: null }]];
const keep = () => keepDraft(fileDraft("s1", "src/a.txt"), { text: "mine\n", hash: HASH });
const draw = () => drawSession(IDLE, <FilesPane changes={{ files: [], turns: [] }} />);
const row = async () => await screen.findByRole("button", { name: "src/a.txt" });
const text = async () => await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "src/a.txt" });

test.each([
  ["was deleted", gone, /deleted while you were editing/],
  [
    "grew",
    () => Response.json({ code: "too_large", kind: "file_too_large", detail: "Large." }, { status: 413 }),
    /grown too large/,
  ],
  [
    "became binary",
    () => Response.json({ ...FILE, encoding: "unknown", content: null }),
    /no longer UTF-8 text/,
  ],
  [
    "can't be read",
    () => Response.json({ code: "forbidden", detail: "No permission." }, { status: 403 }),
    /can't be read now/,
  ],
  [
    "became a folder",
    () => Response.json({ kind: "folder", path: "src/a.txt", entries: [], truncated: false }),
    /folder has taken the place/,
  ],
])(
  "PAGE-6: unsaved text of a file that %s is listed, shown, and can be discarded",
  async (_name, response, said) => {
    stubBackend(answer);
    read = response;
    keep();
    const user = draw();
    await user.click(await row());
    expect(await screen.findByText(said)).toBeTruthy();
    expect((await text()).value).toBe("mine\n");
    expect((await text()).readOnly).toBe(true);
    expect(screen.getByRole("button", { name: "Copy: the unsaved text of src/a.txt" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(screen.queryByText(said)).toBeNull());
    expect(readDraft(fileDraft("s1", "src/a.txt"))).toBeUndefined();
    expect(screen.queryByRole("button", { name: "src/a.txt" })).toBeNull();
  },
);

test("PAGE-6: unsaved text of a deleted file is saved as that path again", async () => {
  const backend = stubBackend(answer);
  write = () => {
    read = saved;
    return saved();
  };
  keep();
  const user = draw();
  await user.click(await row());
  await user.click(await screen.findByRole("button", { name: "Save again" }));
  await waitFor(() => expect(readDraft(fileDraft("s1", "src/a.txt"))).toBeUndefined());
  expect(backend.requests.find(({ method }) => method === "PUT")?.body).toEqual({
    path: "src/a.txt",
    content: "mine\n",
    expectedHash: null,
  });
  await waitFor(async () => expect((await text()).readOnly).toBe(false));
});

test("PAGE-6: a path that is taken meanwhile is said, and the text stays", async () => {
  stubBackend(answer);
  write = () => Response.json({ code: "file_changed", detail: "Changed." }, { status: 409 });
  keep();
  const user = draw();
  await user.click(await row());
  await user.click(await screen.findByRole("button", { name: "Save again" }));
  expect(await screen.findByText(/already a file with this path/)).toBeTruthy();
  expect((await text()).value).toBe("mine\n");
  expect(readDraft(fileDraft("s1", "src/a.txt"))?.text).toBe("mine\n");
});

test("PAGE-6: a file that is deleted while it is edited keeps what was typed in sight", async () => {
  const backend = stubBackend(answer);
  read = () => Response.json({ ...FILE, content: "one\n" });
  keep();
  const user = draw();
  await user.click(await row());
  await waitFor(async () => expect((await text()).readOnly).toBe(false));
  read = gone;
  backend.push(eventsOf([["file.changed", { path: "src/b.txt", changed_by: "Mara" }]], 1));
  expect(await screen.findByText(/deleted while you were editing/)).toBeTruthy();
  expect((await text()).value).toBe("mine\n");
});

test("PAGE-6: once its session has ended, unsaved text is still there to read and copy", async () => {
  stubBackend(answer);
  keep();
  drawSession(
    [
      ["session.status", { status: "stopped", waiting_for: null }],
      ["session.ended", { reason: "stopped" }],
    ],
    <EndedFiles />,
  );
  expect((await text()).value).toBe("mine\n");
  expect(screen.getByText(/ended before this text was saved/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Save/ })).toBeNull();
  expect(screen.getByRole("button", { name: "Copy: the unsaved text of src/a.txt" })).toBeTruthy();
});
