// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FilesPane } from "#components/workspace/files-pane.tsx";
import { drawSession, eventsOf, stubBackend } from "./session.tsx";

// The editor needs a layout; here a field stands in its place.
vi.mock("#components/workspace/editor.tsx", () => ({
  Editor: ({ path, text, readOnly }: { path: string; text: string; readOnly: boolean }) => (
    <textarea aria-label={path} value={text} readOnly={readOnly} onChange={() => undefined} />
  ),
}));

const entry = (name: string, more: object = {}) => ({
  name,
  kind: "file",
  size: 10,
  modifiedAt: null,
  link: false,
  readable: true,
  ...more,
});
const FILES: Record<string, { bytes: Uint8Array<ArrayBuffer>; answer: () => Response }> = {
  "dot.png": {
    bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
    answer: () => Response.json({}, { status: 500 }),
  },
  "big.log": {
    bytes: new TextEncoder().encode("line\n".repeat(100_000)),
    answer: () =>
      Response.json({ code: "too_large", kind: "file_too_large", detail: "Too large." }, { status: 413 }),
  },
  "latin.txt": {
    bytes: new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
    answer: () =>
      Response.json({
        kind: "file",
        path: "latin.txt",
        size: 4,
        modifiedAt: null,
        hash: "a".repeat(64),
        content: null,
        encoding: "unknown",
      }),
  },
};

let backend: ReturnType<typeof stubBackend>;
let modifiedAt: number;

beforeEach(() => {
  sessionStorage.clear();
  modifiedAt = 1;
  backend = stubBackend((path, url) => {
    const name = new URL(url, "http://studio.test").searchParams.get("path") ?? "";
    const file = FILES[name];
    if (path.endsWith("/content") && file) return new Response(file.bytes);
    if (file) return file.answer();
    return Response.json({
      kind: "folder",
      path: "",
      truncated: false,
      entries: [
        ...Object.entries(FILES).map(([known, { bytes }]) =>
          entry(known, { size: bytes.length, modifiedAt }),
        ),
        entry("app.sock", { kind: "socket" }),
        entry("secret", { readable: false }),
        entry("locked", { kind: "folder", readable: false }),
        entry("bad\uFFFD", { kind: "folder", nameBytes: "//8=" }),
        entry("bad\uFFFD.txt", { nameBytes: "//4=" }),
        entry("bad\uFFFD.txt", { nameBytes: "//8=" }),
      ],
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

const draw = () =>
  drawSession(
    [["session.status", { status: "idle", waiting_for: null }]],
    <FilesPane changes={{ files: [], turns: [] }} />,
  );
const row = async (name: RegExp) => await screen.findByRole("treeitem", { name });

test("PAGE-12: an image is shown as an image alone, and can be downloaded", async () => {
  const user = draw();
  await user.click(await row(/dot\.png/));
  const image = await screen.findByRole("img", { name: "dot.png" });
  expect(image.getAttribute("src")).toMatch(/^data:image\/png;base64,/);
  const link = screen.getByRole("link", { name: "Download dot.png" });
  expect(link.getAttribute("href")).toBe("/api/studio/sessions/s1/files/content?path=dot.png&raw=1");
  fireEvent.error(image);
  expect(await screen.findByText(/its bytes aren't an image/)).toBeTruthy();
});

test("PAGE-12: an open image is read again only once it has changed", async () => {
  const user = draw();
  await user.click(await row(/dot\.png/));
  await screen.findByRole("img", { name: "dot.png" });
  const asked = (of: (path: string) => boolean) => backend.requests.filter(({ path }) => of(path)).length;
  const images = () => asked((path) => path.endsWith("/content"));
  const lists = () => asked((path) => path.endsWith("/files"));
  expect(images()).toBe(1);
  const listed = lists();
  backend.push(eventsOf([["file.changed", { path: "other.txt", changed_by: "Mara" }]], 1));
  await waitFor(() => expect(lists()).toBe(listed + 1));
  expect(images()).toBe(1);
  modifiedAt = 5;
  backend.push(eventsOf([["file.changed", { path: "dot.png", changed_by: "Mara" }]], 2));
  await waitFor(() => expect(images()).toBe(2));
});

test("PAGE-12: a large file opens in part, to read, and more of it on demand", async () => {
  const user = draw();
  await user.click(await row(/big\.log/));
  const shown = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "big.log" });
  expect(shown.value).toHaveLength(256_000);
  expect(shown.readOnly).toBe(true);
  expect(screen.getByText(/Too large to edit here/).textContent).toContain("Only the first");
  expect(screen.queryByText(/Couldn't open/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Show more" }));
  await waitFor(() => expect(shown.value).toHaveLength(500_000));
});

test("BUG-8: a file that is not UTF-8 is shown to read, with words, and cannot be saved", async () => {
  const user = draw();
  await user.click(await row(/latin\.txt/));
  const shown = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "latin.txt" });
  expect(shown.value).toBe("café");
  expect(shown.readOnly).toBe(true);
  expect(screen.getByText(/This file isn't UTF-8/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});

test("BUG-B4: sockets, names that are not UTF-8 and files without permission are listed, and open nothing", async () => {
  const user = draw();
  const odd = [
    await row(/app\.sock/),
    await row(/secret/),
    await row(/locked/),
    ...screen.getAllByRole("treeitem", { name: /bad/ }),
  ];
  expect(odd.map(({ textContent }) => textContent)).toEqual([
    "app.sock, socket",
    "secret, no permission",
    "locked, no permission",
    "bad\uFFFD, name isn't UTF-8",
    "bad\uFFFD.txt, name isn't UTF-8",
    "bad\uFFFD.txt, name isn't UTF-8",
  ]);
  const asked = backend.requests.length;
  for (const item of odd) await user.click(item);
  expect(backend.requests).toHaveLength(asked);
  expect(odd.filter((item) => item.hasAttribute("aria-expanded"))).toEqual([]);
  // The keys reach each of them, though two look the same.
  const last = odd.slice(-3);
  act(() => last[0]?.focus());
  for (const item of last) {
    expect(document.activeElement).toBe(item);
    expect(item.dataset.path).not.toContain("\0");
    await user.keyboard("{ArrowDown}");
  }
  expect(screen.getByText("Choose a file to view or edit.")).toBeTruthy();
});

test("PAGE-12: the tree's menu opens and downloads a file", async () => {
  draw();
  fireEvent.contextMenu(await row(/dot\.png/));
  expect(await screen.findByRole("menuitem", { name: "Download" })).toBeTruthy();
  expect(screen.getByRole("menuitem", { name: "Open" })).toBeTruthy();
});
