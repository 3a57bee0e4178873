import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { FilesAnswer, WorkspaceFile } from "#contracts/files.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { Visitor } from "#tests/visitor.ts";

const { stack, api } = await sharedStudio();
const session = await api.createSession();
const id = session.id;
const sandboxId = session.sandboxId ?? "";

const get = async <T = FilesAnswer>(path: string) =>
  await api.call<T>("GET", `/api/studio/sessions/${id}/files?path=${encodeURIComponent(path)}`);
const contentPath = (path: string) =>
  `/api/studio/sessions/${id}/files/content?raw=1&path=${encodeURIComponent(path)}`;
const put = async <T = WorkspaceFile>(path: string, content: string, expectedHash: string | null) =>
  await api.call<T>("PUT", `/api/studio/sessions/${id}/files`, { path, content, expectedHash });

test("lists, reads and saves the files of a workspace, and says in the log who saved what", async () => {
  const root = await get("");
  expect(root.status).toBe(200);
  if (root.body.kind !== "folder") throw new Error("the workspace is a folder");
  const names = root.body.entries.map((entry) => entry.name);
  expect(names).toEqual(expect.arrayContaining([".git", "CLAUDE.md", "struere.json", "package.json"]));
  const kinds = root.body.entries.map((entry) => entry.kind);
  expect(kinds.lastIndexOf("folder")).toBeLessThan(kinds.indexOf("file"));

  const made = await put("notes/a ü.md", "one\n", null);
  expect(made).toMatchObject({ status: 200, body: { path: "notes/a ü.md", size: 4 } });
  expect(await get("notes/a ü.md")).toMatchObject({ body: { content: "one\n", hash: made.body.hash } });
  const second = await put("notes/a ü.md", "two\n", made.body.hash);
  expect(await stack.readSandboxFile(sandboxId, "/workspace/notes/a ü.md")).toBe("two\n");

  const { body } = await api.call<{ events: { type: string; payload: object }[] }>(
    "GET",
    `/api/v1/sessions/${id}/events?limit=500`,
  );
  expect(body.events.filter((event) => event.type === "file.changed").map((event) => event.payload)).toEqual([
    expect.objectContaining({ diff: { path: "notes/a ü.md", old_text: null, new_text: "one\n" } }),
    expect.objectContaining({ diff: { path: "notes/a ü.md", old_text: "one\n", new_text: "two\n" } }),
  ]);

  // Somebody else was quicker, or the file is gone, or there is one already.
  await stack.runInSandbox(sandboxId, "echo theirs > '/workspace/notes/a ü.md'");
  for (const stale of [second.body.hash, made.body.hash, null])
    expect(await put("notes/a ü.md", "mine", stale)).toMatchObject({
      status: 409,
      body: { code: "file_changed" },
    });
  expect(await stack.readSandboxFile(sandboxId, "/workspace/notes/a ü.md")).toBe("theirs\n");
  expect(await put("notes/gone.md", "mine", made.body.hash)).toMatchObject({ status: 409 });
});

const downloadAs = async (visitor: Visitor, path: string) =>
  await fetch(`${stack.url}${contentPath(path)}`, {
    headers: {
      cookie: visitor
        .cookies()
        .map(({ name, value }) => `${name}=${value}`)
        .join("; "),
    },
  });

test("SEC-28: a copy of the keys' file shows no key to those who only look on", async () => {
  await stack.runInSandbox(sandboxId, "cd /workspace && cp .env copy.txt && ln .env hard.txt");
  const owner = await Visitor.signIn(stack.url, stack.credentials);
  const email = "viewer@studio.example";
  const invitation = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
    email,
    role: "viewer",
  });
  const viewer = await Visitor.signUp(stack.url, email);
  await viewer.call("POST", "/api/auth/organization/accept-invitation", { invitationId: invitation.body.id });
  for (const path of ["copy.txt", "hard.txt"]) {
    const seen = await viewer.call<{ content: string }>(
      "GET",
      `/api/studio/sessions/${id}/files?path=${path}`,
    );
    expect(seen.status).toBe(200);
    expect(seen.body.content).toMatch(/STRUERE_API_KEY=/);
    expect(seen.body.content).not.toMatch(/sync_studio_[0-9A-Za-z]/);
    const download = await downloadAs(viewer, path);
    expect(download.status).toBe(200);
    expect(await download.text()).not.toMatch(/sync_studio_[0-9A-Za-z]/);
  }
  // In what is no text, no mask finds a key.
  await stack.runInSandbox(sandboxId, "cd /workspace && gzip -c .env > keys.gz && printf 'a\\0b' > nul.bin");
  for (const path of ["keys.gz", "nul.bin"]) {
    const refused = await downloadAs(viewer, path);
    expect(refused.status, path).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "forbidden", kind: "file_masked" });
    expect((await downloadAs(owner, path)).status, path).toBe(200);
  }
});

test("links that lead out, the keys' file, and what is no text or too large are not shown", async () => {
  await stack.runInSandbox(
    sandboxId,
    "cd /workspace && ln -s /etc/passwd out && ln -s / root && ln -s .env keys && ln -s CLAUDE.md inside && " +
      "head -c 1000001 /dev/zero > large && printf 'a\\0b' > binary && mkfifo pipe",
  );
  for (const path of ["out", "root", "root/etc/passwd", "root/proc/self/environ"]) {
    expect(await get(path), path).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(await put(path, "x", null), path).toMatchObject({ status: 400 });
  }
  for (const path of [".env", "keys", "./.git/../.env"])
    expect(await get(path), path).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(await put(".env", "x", null)).toMatchObject({ status: 403 });
  expect(await get("inside")).toMatchObject({ status: 200, body: { kind: "file", path: "inside" } });
  expect(await get("large")).toMatchObject({ status: 413, body: { code: "too_large" } });
  expect(await get("binary")).toMatchObject({ status: 200, body: { content: null, size: 3 } });
  expect(await get("pipe")).toMatchObject({ status: 400 });
  expect(await get("none")).toMatchObject({ status: 404, body: { code: "not_found" } });
  expect(await put(".git", "x", null)).toMatchObject({ status: 400 });
  expect(await put("", "x", null)).toMatchObject({ status: 400 });
  expect(await put("big.txt", "x".repeat(500_001), null)).toMatchObject({ status: 413 });
  for (const path of ["../etc/passwd", "/etc/passwd", "a\0b", "x".repeat(1001)])
    expect(await get(path), path).toMatchObject({ status: 400 });
});

test("PAGE-12: a file of any size and kind is downloaded byte by byte, and no other", async () => {
  await stack.runInSandbox(sandboxId, "cd /workspace && printf '\\211\\0\\377' > \"a ü'.bin\"");
  const small = await api.open(contentPath("a ü'.bin"));
  expect(small.headers.get("content-type")).toBe("application/octet-stream");
  expect(small.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''a%20%C3%BC%27.bin");
  expect([...new Uint8Array(await small.arrayBuffer())]).toEqual([0x89, 0, 0xff]);
  expect((await (await api.open(contentPath("large"))).arrayBuffer()).byteLength).toBe(1_000_001);
  for (const [path, status] of [
    ["out", 400],
    [".git", 400],
    [".env", 403],
    ["none", 404],
    ["pipe", 400],
  ] as const)
    expect((await api.open(contentPath(path))).status, path).toBe(status);
});

test("tells of the sandbox while there is one; afterwards only the files can be read, as they were saved", async () => {
  const facts = await api.call("GET", `/api/studio/sessions/${id}/sandbox`);
  expect(facts).toMatchObject({ status: 200, body: { sandboxId, template: "studio" } });
  await api.stop(id);
  const root = await get("");
  if (root.body.kind !== "folder") throw new Error("the workspace is a folder");
  expect(root.body.entries.map((entry) => entry.name)).toEqual(expect.arrayContaining([".git", "notes"]));
  expect(await get("notes/a ü.md")).toMatchObject({ status: 200, body: { content: "theirs\n" } });
  for (const [path, status] of [
    [".env", 403],
    ["none", 404],
    ["notes/none", 404],
    ["../etc/passwd", 400],
  ] as const)
    expect((await get(path)).status, path).toBe(status);
  expect([...new Uint8Array(await (await api.open(contentPath("a ü'.bin"))).arrayBuffer())]).toEqual([
    0x89, 0, 0xff,
  ]);
  const archive = await api.open(`/api/studio/sessions/${id}/archive`);
  const packed = Buffer.from(await archive.arrayBuffer());
  const listed = execFileSync("tar", ["-tz"], { input: packed }).toString().split("\n");
  expect(listed).toContain("struere.json");
  expect(listed).not.toContain(".env");
  for (const answer of [
    await put("late.txt", "x", null),
    await api.call("GET", `/api/studio/sessions/${id}/sandbox`),
  ])
    expect(answer).toMatchObject({ status: 409, body: { code: "session_stopped" } });
});
