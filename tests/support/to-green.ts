import { createHmac, generateKeyPairSync } from "node:crypto";
import { expect } from "vitest";
import { type Api, until } from "./api.ts";
import type { checkedCalls } from "./checked-calls.ts";
import { git, type GitServer } from "./git-server.ts";
import type { GitHubStandIn } from "./github.ts";

type Succeed = ReturnType<typeof checkedCalls>["succeed"];

/** What checks and reviewers find is given to the agent: once by a person, and then until all is green. */
export async function toGreen(
  { api, succeed }: { api: Api; succeed: Succeed },
  id: string,
  branch: string,
  { server, github }: { server: GitServer; github: GitHubStandIn },
): Promise<void> {
  const params = { id };
  const shop = { folder: "shop" };
  const has = (sha: string, file: string) =>
    git(server.at("acme/shop"), ["ls-tree", "--name-only", sha]).split("\n").includes(file);
  github.headOf = (name) => git(server.at("acme/shop"), ["rev-parse", name]).trim();
  github.checksOf = (sha) => [
    {
      name: "build",
      status: "completed",
      conclusion: has(sha, "built.txt") ? "success" : "failure",
      output: {
        title: "```demo\nrun echo ok > shop/built.txt\n```",
        summary: null,
        text: null,
        annotations_count: 0,
      },
    },
  ];
  github.comments = [
    {
      id: 9,
      body: "```demo\nrun echo so > shop/why.txt\n```",
      path: "a.txt",
      line: 1,
      position: 1,
      user: null,
    },
  ];
  const seen = await succeed("GET /api/studio/sessions/{id}/git/findings", { params, query: shop });
  expect(seen.findings.map(({ key, handed }) => [key, handed])).toEqual([
    ["check:build", false],
    ["comment:9", false],
  ]);
  const { runId } = await succeed("POST /api/studio/sessions/{id}/git/findings", {
    params,
    body: { ...shop, findings: ["comment:9"] },
  });
  // Text from outside asks for leave like anything else.
  const asked = await api.question(runId);
  expect(asked.summary).toContain("why.txt");
  await api.decide(runId, asked.approval_key, "denied");
  await api.finish(runId);
  const gone = { ...shop, findings: ["comment:10"] };
  expect((await api.call("POST", `/api/studio/sessions/${id}/git/findings`, gone)).status).toBe(400);

  const { green } = await succeed("POST /api/studio/sessions/{id}/git/green", {
    params,
    body: { ...shop, maxAttempts: 2 },
  });
  expect(green).toMatchObject({ attempts: 0, reason: null });
  const attempt = await until("an attempt", async () => {
    const [now] = (await succeed("GET /api/studio/sessions/{id}/git", { params })).repositories;
    if (now?.green?.reason) throw new Error(`ended: ${JSON.stringify(now.green)}`);
    return (
      (await api.session(id)).status === "active" &&
      (await succeed("GET /api/v1/runs", { query: { session_id: id } })).runs[0]?.id
    );
  });
  const question = await api.question(attempt);
  expect(question.summary).toContain("built.txt");
  await api.decide(attempt, question.approval_key, "approved");
  const ended = await until("the end", async () => {
    const [now] = (await succeed("GET /api/studio/sessions/{id}/git", { params })).repositories;
    return now?.green?.reason && now;
  });
  expect(ended.green).toMatchObject({ reason: "green", attempts: 1 });
  expect(has(github.headOf(branch), "built.txt")).toBe(true);
  const message = git(server.at("acme/shop"), ["log", "-1", "--format=%B", branch]);
  expect(message).toContain("Address failed checks and review comments (attempt 1)");
  const { entries } = await succeed("GET /api/v1/audit");
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["green.started", "green.attempted", "green.ended"]),
  );

  // While checks run it would look again in half a minute; the host says that something has changed.
  const hook = await succeed("POST /api/v1/git/connections/{connection}/webhook", {
    params: { connection: "hub" },
  });
  const isLate = { is: true };
  github.checksOf = () => [
    isLate.is
      ? { name: "late", status: "in_progress", conclusion: null }
      : { name: "late", status: "completed", conclusion: "success" },
  ];
  await succeed("POST /api/studio/sessions/{id}/git/green", { params, body: shop });
  const claimed = github.seen.length;
  await until("a look at the host", async () =>
    github.seen.slice(claimed).some((line) => line.endsWith("/check-runs")),
  );
  isLate.is = false;
  const payload = JSON.stringify({
    action: "completed",
    repository: { full_name: "Acme/Shop" },
    check_run: { name: "late", pull_requests: [{ number: 1 }] },
  });
  const deliver = async (secret: string, url = hook.url) =>
    (
      await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-github-event": "check_run",
          "x-github-delivery": "5f0e",
          "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(payload).digest("hex")}`,
        },
        body: payload,
      })
    ).status;
  expect(await deliver("another")).toBe(401);
  expect(await deliver(hook.secret, `${hook.url}x`)).toBe(404);
  const sentAt = Date.now();
  expect([await deliver(hook.secret), await deliver(hook.secret)]).toEqual([204, 204]);
  const passed = await until("the end after a webhook", async () => {
    const [now] = (await succeed("GET /api/studio/sessions/{id}/git", { params })).repositories;
    return now?.green?.reason;
  });
  expect(passed).toBe("green");
  expect(Date.now() - sentAt).toBeLessThan(20_000);
  await succeed("DELETE /api/v1/git/connections/{connection}/webhook", { params: { connection: "hub" } });
  expect(await deliver(hook.secret)).toBe(404);

  // While checks run, a person ends it.
  isLate.is = true;
  await succeed("POST /api/studio/sessions/{id}/git/green", { params, body: shop });
  await succeed("DELETE /api/studio/sessions/{id}/git/green", { params, query: shop });
  const [stopped] = (await succeed("GET /api/studio/sessions/{id}/git", { params })).repositories;
  expect(stopped?.green).toMatchObject({ reason: "stopped", attempts: 0 });
}

/** The same connection as a GitHub App: git and the API get tokens that its key makes. */
export async function asApp(
  { api, succeed }: { api: Api; succeed: Succeed },
  id: string,
  { server, github }: { server: GitServer; github: GitHubStandIn },
): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  github.app = { id: "12", installation: "34", publicKey };
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const connection = { params: { connection: "hub" } };
  const saved = await succeed("PUT /api/v1/git/connections/{connection}", {
    ...connection,
    body: {
      kind: "github_app",
      base_url: server.url,
      api_url: github.url,
      app_id: "12",
      installation_id: "34",
      private_key: pem,
      repositories: ["acme/shop"],
    },
  });
  expect(saved.connection).toMatchObject({
    status: "active",
    status_detail: expect.stringContaining("can read and push to acme/shop"),
    app_id: "12",
  });
  expect(JSON.stringify(saved)).not.toContain("PRIVATE");
  const pushed = await succeed("POST /api/studio/sessions/{id}/git/push", {
    params: { id },
    body: { folder: "shop" },
  });
  expect(pushed.commit).toMatch(/^[0-9a-f]{40}$/);
  // Its token fetches, too.
  const fetched = server.seen.length;
  await succeed("POST /api/studio/sessions/{id}/git/update", { params: { id }, body: { folder: "shop" } });
  expect(server.seen.slice(fetched)).toContainEqual("POST /acme/shop.git/git-upload-pack");

  // It is suspended in the middle of a session: git no longer knows its token, and there is no other.
  github.app.isSuspended = true;
  server.mode = "refuses";
  const push = async () =>
    await api.call<{ detail?: string }>("POST", `/api/studio/sessions/${id}/git/push`, { folder: "shop" });
  expect((await push()).body.detail).toMatch(/credential/);
  expect((await push()).body.detail).toMatch(/is suspended/);
  const { connections } = await succeed("GET /api/v1/git/connections");
  expect(connections.find(({ name }) => name === "hub")).toMatchObject({
    status: "error",
    status_detail: expect.stringContaining("is suspended"),
  });
  const [broken] = (await succeed("GET /api/studio/sessions/{id}/git", { params: { id } })).repositories;
  expect(broken?.connectionProblem).toMatch(/is suspended/);
  server.mode = "open";
  const tested = await succeed("POST /api/v1/git/connections/{connection}/test", connection);
  expect(tested.connection).toMatchObject({
    status: "error",
    status_detail: expect.stringContaining("is suspended"),
  });
}
