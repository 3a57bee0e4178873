import { createHmac } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { type Api, until } from "./api.ts";
import type { checkedCalls } from "./checked-calls.ts";
import { commitOf, type GitServer } from "./git-server.ts";

type Succeed = ReturnType<typeof checkedCalls>["succeed"];

/**
 * What needs a live session and no agent: a chat that waits, a call of a model, a person's own command and files.
 * @param id of a session that is idle
 */
export async function doorsOf(api: Api, succeed: Succeed, id: string): Promise<void> {
  const before = await api.session(id);
  const chat = await succeed("POST /api/v1/chat", {
    body: {
      session_id: id,
      message: "```demo\nsay from a chat\n```",
      agent_config: { provider: "demo", model: "demo" },
    },
  });
  expect(chat).toMatchObject({ session_id: id, provider: "demo", model: "demo" });
  expect(chat.content).toContain("from a chat");
  expect(chat.usage.output_tokens).toBeGreaterThan(0);
  const other = { session_id: id, message: "hi", agent_config: { temperature: 0.1 } };
  expect(await api.call("POST", "/api/v1/chat", other)).toMatchObject({
    status: 400,
    body: { kind: "chat_not_of_session" },
  });

  const agent_config = { provider: "demo", model: "demo", system_prompt: "Be short.", max_tokens: 2_000 };
  const direct = await succeed("POST /api/v1/chat/direct", { body: { message: "hello", agent_config } });
  expect(direct.content).toContain("demo model");
  const streamed = await api.open("/api/v1/chat/direct", {
    message: "```demo\nsay one two three\n```",
    agent_config,
    stream: true,
  });
  expect(streamed.headers.get("content-type")).toContain("text/event-stream");
  const text = await streamed.text();
  expect(text).toContain('event: llm.response.chunk\ndata: {"delta":');
  expect(text).toMatch(/event: llm\.response\.completed\ndata: \{"content":"one two three/);
  for (const body of [
    {},
    { message: " " },
    { message: "x", agent_config: { provider: "demo" } },
    { message: "x", max: 1 },
  ])
    expect(await api.call("POST", "/api/v1/chat/direct", body)).toMatchObject({ status: 400 });
  const unknown = { message: "x", agent_config: { provider: "demo", model: "none" } };
  expect(await api.call("POST", "/api/v1/chat/direct", unknown)).toMatchObject({
    status: 400,
    body: { code: "unknown_model" },
  });
  // Only the chat was the session's.
  expect((await api.session(id)).totalOutputTokens).toBe(before.totalOutputTokens + chat.usage.output_tokens);

  const { providers } = await succeed("GET /api/v1/providers");
  expect(providers.find(({ name }) => name === "demo")).toMatchObject({ available: true, models: ["demo"] });
  const without = providers.find(({ name }) => name === "anthropic");
  expect(without).toMatchObject({ available: false, error: expect.stringContaining("no key") });

  const params = { id };
  const shell = async (command: string, timeout_seconds = 20) =>
    await succeed("POST /api/v1/sessions/{id}/tools/shell", { params, body: { command, timeout_seconds } });
  expect(await shell("echo out; echo err >&2; exit 3")).toMatchObject({
    stdout: "out\n",
    stderr: "err\n",
    exit_code: 3,
    timed_out: false,
    truncated: false,
  });
  expect(await shell("sleep 60 & sleep 60", 1)).toMatchObject({ exit_code: null, timed_out: true });
  const endless = await shell("yes");
  expect(endless).toMatchObject({ exit_code: null, truncated: true });
  expect(endless.stdout.length).toBe(64_000);
  const token = await shell("cat .env");
  expect(token.stdout).toContain("STRUERE_");
  expect(token.stdout).not.toMatch(/(gw|sync)_studio_[A-Za-z0-9_-]{20}/);
  const files = "POST /api/v1/sessions/{id}/tools/filesystem";
  const path = "by-api.txt";
  await succeed(files, { params, body: { action: "write", path, content: "one" } });
  await succeed(files, { params, body: { action: "write", path, content: "two" } });
  const read = await succeed(files, { params, body: { action: "read", path } });
  expect(read).toMatchObject({ kind: "file", content: "two" });
  expect(await succeed(files, { params, body: { action: "list" } })).toMatchObject({ kind: "folder" });
  const stale = { action: "write", path, content: "three", expected_hash: null };
  const at = `/api/v1/sessions/${id}/tools`;
  expect(await api.call("POST", `${at}/filesystem`, stale)).toMatchObject({ status: 409 });
  expect(await api.call("POST", `${at}/filesystem`, { action: "read", path: "../etc/passwd" })).toMatchObject(
    {
      status: 400,
    },
  );
  expect(await api.call("POST", `${at}/browser`)).toMatchObject({
    status: 501,
    body: { code: "not_implemented" },
  });
  const events = await api.events(id);
  expect(events.filter(({ type }) => type === "command.started")).toHaveLength(4);
  expect(events.find(({ type }) => type === "command.started")?.payload).toMatchObject({
    run_by: expect.stringMatching(/./),
  });
}

/**
 * A run by API that its own rules decide for, asked for twice under one name; its end is told, after a first attempt that
 * the receiver turned away.
 */
export async function toldOf(api: Api, succeed: Succeed): Promise<void> {
  const seen: { headers: http.IncomingHttpHeaders; body: string }[] = [];
  const receiver = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      seen.push({ headers: request.headers, body });
      response.writeHead(seen.length === 1 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const body = {
      input: "```demo\nrun echo ruled\nsay told\n```",
      provider: "demo",
      model: "demo",
      skills_roots: [],
      auto_approve_rules: [
        { tool_pattern: "builtin:shell:echo *", action: "auto_approve" as const, name: "Echo" },
        { set: "careful" as const },
      ],
      webhook: { url },
    };
    const headers = { "idempotency-key": "told-once" };
    const once = {
      call: async (method: string, path: string, sent?: unknown) =>
        await api.call(method, path, sent, { headers }),
    };
    const made = await succeed("POST /api/v1/runs", { body }, once);
    expect((await succeed("POST /api/v1/runs", { body }, once)).run_id).toBe(made.run_id);
    const other = { ...body, webhook: { url: `${url}/other` } };
    expect(await once.call("POST", "/api/v1/runs", other)).toMatchObject({
      status: 409,
      body: { kind: "request_key_reused" },
    });
    const secret = made.webhook_secret ?? "";
    expect(secret).toMatch(/^whsec_/);
    await api.finish(made.run_id);
    const at = { params: { run_id: made.run_id } };
    await until(
      "the delivery",
      async () => (await succeed("GET /api/v1/runs/{run_id}", at)).run.webhook?.status === "delivered",
    );
    const { webhook, ...run } = (await succeed("GET /api/v1/runs/{run_id}", at)).run;
    expect(run.decisions).toMatchObject([
      { summary: "Run echo ruled", decision: "approved", reason: "rule", decided_by: "The rule “Echo”" },
    ]);
    expect(run.total_events).toBeGreaterThan(5);
    expect(run.config_summary).toMatchObject({
      models: { planner: "demo/demo" },
      safety: { auto_approve: false },
      sources: { "models.planner": "session" },
    });
    expect(webhook).toMatchObject({ url, attempts: 2, last_status: 204 });
    expect(JSON.stringify(webhook)).not.toContain(secret);
    expect(new Set(seen.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    for (const { headers, body: told } of seen) {
      const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${told}`;
      const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
        .update(signed)
        .digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
      expect(JSON.parse(told)).toMatchObject({ type: "run.completed", data: { id: made.run_id } });
    }
    await api.stop(made.session_id);
  } finally {
    receiver.close();
  }
}

/** Skills of a repository, through a connection `hub` that is for `acme/*` alone. */
export async function skillsFromGit(api: Api, succeed: Succeed, server: GitServer): Promise<void> {
  const skill = "---\nname: of-git\ndescription: d\n---\nText.\n";
  server.make("acme/skills", commitOf({ "all/of-git/SKILL.md": skill }));
  const taken = await succeed("POST /api/v1/skills/import", {
    body: { repository: { connection: "hub", url: "acme/skills", folder: "all" } },
  });
  expect(taken).toMatchObject({ created: [{ name: "of-git" }], skipped: [] });
  const foreign = { repository: { connection: "hub", url: "else/skills" } };
  expect(await api.call("POST", "/api/v1/skills/import", foreign)).toMatchObject({ status: 403 });
}
