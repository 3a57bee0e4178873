import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { commitOf, git, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";

const settings = { STUDIO_ALLOW_PRIVATE_URLS: true, STUDIO_GIT_SILENCE_SECONDS: 7 };
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => settings,
}));
const { askGit, findRef, mayPush, refusedBy } = await import("#server/git/remote.ts");

let server: GitServer;
beforeAll(async () => {
  server = await GitServer.start();
  server.make("acme/shop", commitOf({ "README.md": "# Shop\n" }));
  server.make("acme/empty");
  const place = server.at("acme/shop");
  git(place, ["tag", "-a", "-m", "one", "v1", "main"]);
  git(place, ["branch", "v2", "main"]);
  git(place, ["tag", "v2", "main"]);
});
afterAll(async () => await server.stop());
beforeEach(() => {
  server.mode = "open";
  settings.STUDIO_ALLOW_PRIVATE_URLS = true;
});

const as = (more: object = {}) => ({
  slug: "house",
  kind: "git" as const,
  baseUrl: server.url,
  username: GIT_USER,
  token: GIT_PASSWORD,
  ...more,
});
const names = (repository: string) => ({ repository, remotePath: `${repository}.git` });
const WAIT_MS = 5_000;
const find = async (repository: string, ref?: string, more: object = {}, waitMs = WAIT_MS) =>
  await findRef(as(more), names(repository), ref, waitMs);
const head = () => git(server.at("acme/shop"), ["rev-parse", "main"]).trim();

test("branches, tags and commits are found; a branch goes before a tag, and a tag's commit counts", async () => {
  const commit = head();
  expect(await find("acme/shop")).toEqual({ ref: "refs/heads/main", commit });
  expect(await find("acme/shop", "main")).toEqual({ ref: "refs/heads/main", commit });
  expect(await find("acme/shop", "v1")).toEqual({ ref: "refs/tags/v1", commit });
  expect(await find("acme/shop", "v2")).toEqual({ ref: "refs/heads/v2", commit });
  expect(await find("acme/shop", commit)).toEqual({ ref: null, commit });
  expect(await mayPush(as(), names("acme/shop"), WAIT_MS)).toBe(true);
});

test("what isn't there, isn't allowed, or doesn't answer has its own sentence", async () => {
  await expect(find("acme/empty")).rejects.toThrow(/no commit yet/);
  await expect(find("acme/shop", "nowhere")).rejects.toThrow(/no branch or tag “nowhere”/);
  // A name that another one begins with is not that one.
  await expect(find("acme/shop", "mai")).rejects.toThrow(/no branch or tag/);
  await expect(find("acme/none")).rejects.toThrow(/has no acme\/none/);
  await expect(find("acme/shop", "main", { token: "wrong" })).rejects.toThrow(
    /doesn't accept the credential/,
  );
  await expect(find("acme/shop", "main", { baseUrl: "http://127.0.0.1:1" })).rejects.toThrow(
    /can't be reached/,
  );
  server.mode = "stalls";
  await expect(find("acme/shop", "main", {}, 300)).rejects.toThrow(/sent nothing/);
});

test("a private address is not asked, and nothing is sent there", async () => {
  settings.STUDIO_ALLOW_PRIVATE_URLS = false;
  const before = server.seen.length;
  await expect(find("acme/shop")).rejects.toThrow(/must start with https/);
  for (const host of ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "localhost"])
    await expect(find("acme/shop", "main", { baseUrl: `https://${host}` })).rejects.toThrow(
      /private network/,
    );
  expect(server.seen).toHaveLength(before);
});

test("a server that is none of git's, or leads elsewhere, gets no further", async () => {
  const answers: [number, Record<string, string>, string][] = [
    [200, { "content-type": "text/html" }, "<html>"],
    [200, { "content-type": "application/x-git-upload-pack-advertisement" }, "nonsense, no lines"],
    [500, {}, ""],
  ];
  let next = 0;
  const seen: (string | undefined)[] = [];
  const other = http.createServer((request, response) => {
    seen.push(request.headers.authorization);
    if (request.url?.startsWith("/elsewhere"))
      return void response.writeHead(302, { location: server.url }).end();
    const [status, headers, body] = answers[next++ % answers.length] ?? [500, {}, ""];
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  for (const [status] of answers)
    await expect(find("acme/shop", "main", { baseUrl })).rejects.toThrow(
      `returned ${status} and no answer of git's`,
    );
  await expect(find("acme/shop", "main", { baseUrl: `${baseUrl}/elsewhere` })).rejects.toThrow(/redirects/);
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
});

test("a body of any length is sent as it comes, and is no silence while it does", async () => {
  const pieces = Array.from({ length: 8 }, () => Buffer.alloc(100_000, "x"));
  const sent: number[] = [];
  const slow = http.createServer(async (request, response) => {
    for await (const piece of request) sent.push((piece as Buffer).length);
    response.writeHead(200, { "content-type": "application/x-git-receive-pack-result" }).end("0000");
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const piece = pieces.pop();
      // Longer in all than the server may be silent.
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (piece) controller.enqueue(new Uint8Array(piece));
      else controller.close();
    },
  });
  const answer = await askGit(as({ baseUrl }), "acme/shop.git", "git-receive-pack", {
    method: "POST",
    body,
    waitMs: 2_000,
  });
  expect(await answer.text()).toBe("0000");
  expect(
    refusedBy(as(), "acme/shop", answer, "application/x-git-receive-pack-result", "git-receive-pack"),
  ).toBeNull();
  expect(sent.reduce((sum, length) => sum + length, 0)).toBe(800_000);
  slow.closeAllConnections();
  await new Promise((resolve) => slow.close(resolve));
});
