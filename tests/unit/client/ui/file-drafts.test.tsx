// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FilesPane } from "#components/workspace/files-pane.tsx";
import { dropAllDrafts, fileDraft, flushDrafts, keepDraft, readDraft } from "#client/draft.ts";
import { hasUnsaved } from "#client/unsaved.ts";
import { drawSession, eventsOf, stubBackend } from "./session.tsx";

// The editor needs a layout; here a field stands in its place.
vi.mock("#components/workspace/editor.tsx", () => ({
  Editor: ({
    path,
    text,
    readOnly,
    onChange,
  }: {
    path: string;
    text: string;
    readOnly: boolean;
    onChange: (text: string) => void;
  }) => (
    <textarea
      aria-label={path}
      value={text}
      readOnly={readOnly}
      onChange={(event) => onChange(event.target.value)}
    />
  ),
}));

const HASH = "a".repeat(64);
let content = "one\r\ntwo\r\n";

function answer(path: string, url: string, init: RequestInit): Response {
  if (!path.endsWith("/files")) return Response.json({ ok: true });
  const file = { kind: "file", path: "a.txt", size: 10, modifiedAt: null, hash: HASH };
  if (init.method === "PUT") {
    const saved: { content: string } = JSON.parse(typeof init.body === "string" ? init.body : "{}");
    ({ content } = saved);
    return Response.json({ ...file, hash: "b".repeat(64), content });
  }
  if (url.includes("path=a.txt")) return Response.json({ ...file, content });
  const entry = { name: "a.txt", kind: "file", size: 10, modifiedAt: null, link: false, readable: true };
  return Response.json({ kind: "folder", path: "", entries: [entry], truncated: false });
}

beforeEach(() => {
  dropAllDrafts();
  sessionStorage.clear();
  content = "one\r\ntwo\r\n";
});
afterEach(() => vi.unstubAllGlobals());

const IDLE: Parameters<typeof drawSession>[0] = [["session.status", { status: "idle", waiting_for: null }]];
const draw = () => drawSession(IDLE, <FilesPane changes={{ files: [], turns: [] }} />);
const editor = async () => await screen.findByRole("textbox", { name: "a.txt" });

test("BUG-8: “Unsaved” ends when the text is the saved one again, and saving keeps the line ends", async () => {
  const backend = stubBackend(answer);
  const user = draw();
  await user.click(await screen.findByRole("treeitem", { name: /a\.txt/ }));
  const field = await editor();
  expect((field as HTMLTextAreaElement).value).toBe("one\ntwo\n");
  await user.type(field, "z");
  expect(screen.getByText("Unsaved")).toBeTruthy();
  await user.type(field, "{Backspace}");
  expect(screen.queryByText("Unsaved")).toBeNull();
  expect(hasUnsaved()).toBe(false);
  await user.type(field, "z");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByText("Unsaved")).toBeNull());
  expect(backend.requests.at(-1)).toMatchObject({
    method: "PUT",
    body: { path: "a.txt", content: "one\r\ntwo\r\nz", expectedHash: HASH },
  });
  expect(readDraft(fileDraft("s1", "a.txt"))).toBeUndefined();
});

test("BUG-8: after saving, the saved text stays, though the file is read again before the answer comes", async () => {
  let save: (() => void) | undefined;
  let reads = 0;
  let isSlow = false;
  const backend = stubBackend(async (path, url, init) => {
    if (init.method === "PUT")
      return await new Promise<Response>((resolve) => {
        save = () => resolve(answer(path, url, init));
      });
    if (!url.includes("path=a.txt")) return answer(path, url, init);
    reads += 1;
    const read = answer(path, url, init);
    return isSlow ? await new Promise<Response>(() => undefined) : read;
  });
  const user = draw();
  await user.click(await screen.findByRole("treeitem", { name: /a\.txt/ }));
  await user.type(await editor(), "z");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(save).toBeDefined());
  isSlow = true;
  backend.push(eventsOf([["file.changed", { path: "a.txt", changed_by: "Mara" }]], 1));
  await waitFor(() => expect(reads).toBe(2));
  const shown: string[] = [];
  const field = (await editor()) as HTMLTextAreaElement;
  const watch = new MutationObserver(() => shown.push(field.value));
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  save?.();
  await waitFor(() => expect(screen.queryByText("Unsaved")).toBeNull());
  watch.disconnect();
  expect(((await editor()) as HTMLTextAreaElement).value).toBe("one\ntwo\nz");
  expect(new Set(shown)).toEqual(new Set(["one\ntwo\nz"]));
});

test("PAGE-6: unsaved text and the open file come back after a reload", async () => {
  stubBackend(answer);
  const user = draw();
  await user.click(await screen.findByRole("treeitem", { name: /a\.txt/ }));
  await user.type(await editor(), "three");
  expect(hasUnsaved()).toBe(true);
  flushDrafts();
  cleanup();
  draw();
  await waitFor(async () => expect(((await editor()) as HTMLTextAreaElement).value).toBe("one\ntwo\nthree"));
  expect(await screen.findByText("Unsaved")).toBeTruthy();
});

test("PAGE-6: text that was typed over another version of the file comes back as a conflict", async () => {
  stubBackend(answer);
  keepDraft(fileDraft("s1", "a.txt"), { text: "mine\n", hash: "c".repeat(64) });
  sessionStorage.setItem("studio-open-file:s1", "a.txt");
  draw();
  expect(await screen.findByText(/The file changed while you were editing it/)).toBeTruthy();
});

test("PAGE-7: the field for a new file has the focus, and Escape closes that alone", async () => {
  stubBackend(answer);
  const user = draw();
  await user.click(await screen.findByRole("button", { name: "New file" }));
  const field = screen.getByRole("textbox", { name: "Path of the new file" });
  expect(document.activeElement).toBe(field);
  await user.keyboard("src/c.ts");
  expect(field).toHaveProperty("value", "src/c.ts");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("textbox", { name: "Path of the new file" })).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "New file" }));
});
