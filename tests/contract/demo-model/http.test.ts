import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Client, Turn } from "./clients.ts";
import { clients } from "./clients.ts";
import type { DemoModel } from "./process.ts";
import { spawnMain, startDemoModel } from "./process.ts";

let server: DemoModel;
beforeAll(async () => {
  server = await startDemoModel();
});
afterAll(async () => {
  await server.stop();
});

const post = (path: string, body: unknown, init: RequestInit = {}) =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer k" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });

function eventsOf(stream: string) {
  return stream
    .split("\n\n")
    .filter((block) => block !== "" && block !== "data: [DONE]")
    .map((block) => {
      const [, event, data = ""] = /^(?:event: (.*)\n)?data: (.*)$/.exec(block) ?? [];
      return { event, data: JSON.parse(data) as Record<string, unknown> };
    });
}

async function ask(client: Client, turns: Turn[], isStreaming: boolean): Promise<Answer> {
  const response = await post(client.path(isStreaming), client.body(turns, isStreaming));
  expect(response.status).toBe(200);
  if (!isStreaming) return client.whole((await response.json()) as Record<string, unknown>);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  return client.events(eventsOf(await response.text()));
}

const user = (text: string): Turn => ({ role: "user", text });
const missing = (path: string) => `There is no ${path} here.`;
const refusalOf = async (path: string) => {
  const response = await post(path, {});
  return [response.status, await response.json()];
};
const active = async () =>
  ((await (await fetch(`${server.url}/health`)).json()) as { active: number }).active;

describe.each(Object.entries(clients))("%s", (name, client) => {
  test.each([true, false])(
    "carries a request through its tool calls (streaming: %s)",
    async (isStreaming) => {
      const long = "word ".repeat(200).trim();
      const turns = [user(`create a file a.txt containing "${long}" and run \`ls\``)];
      const first = await ask(client, turns, isStreaming);
      expect(first.calls).toMatchObject([
        { name: "write", args: { filePath: "a.txt", content: `${long}\n` } },
      ]);
      expect(first.usage).toMatchObject({ cached: 0 });
      expect(first.usage.output).toBeGreaterThan(250);
      turns.push(
        { role: "assistant", text: "", call: first.calls[0]! },
        { role: "result", text: "ok", call: first.calls[0]! },
      );
      const second = await ask(client, turns, isStreaming);
      expect(second.calls).toMatchObject([{ name: "bash", args: { command: "ls" } }]);
      // Two tokens of slack: parts of a prompt are counted together, and rounded.
      expect(Math.abs(second.usage.cached - first.usage.input)).toBeLessThan(3);
      expect(second.usage.input).toBeGreaterThan(second.usage.cached);
      turns.push(
        { role: "assistant", text: "", call: second.calls[0]! },
        { role: "result", text: "a.txt", call: second.calls[0]! },
      );
      const third = await ask(client, turns, isStreaming);
      expect(third.calls).toEqual([]);
      expect(third.text).toContain("Done: I wrote a.txt, ran `ls`.");
      expect(third.stop).toMatch(/^(stop|completed|end_turn|STOP)$/);
      expect(await ask(client, turns, isStreaming)).toEqual(third);
    },
  );

  test("sends text before a call, and the same usage streaming and not", async () => {
    const turns = [user("```demo\nsay Look:\nstream 8\nrun ls\n```")];
    const [streamed, whole] = [await ask(client, turns, true), await ask(client, turns, false)];
    expect(streamed.text).toBe("Look:\n\none red sky oak sun map ink bay \n\n");
    expect(streamed.calls).toHaveLength(1);
    expect({ ...streamed, calls: [] }).toEqual({ ...whole, calls: [] });
  });

  test("answers `fail 429` once, in the format's shape, then goes on, and again in the next run", async () => {
    const body = client.body([user(`\`\`\`demo\nfail 429\nsay ${name}\n\`\`\``)], true);
    for (let run = 0; run < 2; run += 1) {
      const failed = await post(client.path(true), body);
      expect(failed.status).toBe(429);
      expect(failed.headers.get("retry-after")).toBe("1");
      expect(await failed.text()).toContain(client.errorNames[429]);
      const retried = await post(client.path(true), body);
      expect(retried.status).toBe(200);
      expect(client.events(eventsOf(await retried.text())).text).toContain(name);
    }
  });

  test("tells bad input in the format's shape", async () => {
    for (const body of [
      "{",
      "[]",
      "{}",
      '{"model":"demo","messages":1,"input":1,"contents":1,"max_tokens":1}',
    ]) {
      const response = await post(client.path(true), body);
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(text).toContain(client.errorNames[400]);
      expect(client.errorMessage(JSON.parse(text) as Record<string, unknown>)).toMatch(/JSON|must be/);
    }
    const wrongMethod = await fetch(`${server.url}${client.path(true)}`);
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST"]);
    expect(client.errorMessage((await wrongMethod.json()) as Record<string, unknown>)).toContain(
      "takes POST, not GET",
    );
    const large = await post(client.path(true), " ".repeat(32 * 1024 * 1024 + 1));
    expect(large.status).toBe(413);
    expect(client.errorMessage((await large.json()) as Record<string, unknown>)).toContain(
      "larger than 33554432 bytes",
    );
  });

  test("stops its work when the client goes away", async () => {
    for (const script of ["stream 100000", "sleep 600000"]) {
      const gone = new AbortController();
      const body = client.body([user(`\`\`\`demo\n${script}\n\`\`\``)], true);
      const response = await post(client.path(true), body, { signal: gone.signal });
      expect(response.status).toBe(200);
      expect(await active()).toBe(1);
      gone.abort();
      await expect.poll(active, { timeout: 2000, interval: 20 }).toBe(0);
    }
  });
});

describe("the server", () => {
  test("lists its model", async () => {
    const models = await (await fetch(`${server.url}/v1/models`)).json();
    expect(models).toMatchObject({ object: "list", data: [{ id: "demo", object: "model" }] });
  });

  test("answers an unknown path with 404, in the shape of the format that it looks like", async () => {
    expect(await refusalOf("/v1/messages/batches")).toEqual([
      404,
      { type: "error", error: { type: "not_found_error", message: missing("/v1/messages/batches") } },
    ]);
    expect(await refusalOf("/v1beta/files")).toEqual([
      404,
      { error: { code: 404, message: missing("/v1beta/files"), status: "NOT_FOUND" } },
    ]);
    expect(await refusalOf("/nowhere")).toMatchObject([404, { error: { type: "invalid_request_error" } }]);
  });

  test("sends words one after the other", async () => {
    const response = await post(
      "/v1/chat/completions",
      clients.chat!.body([user("```demo\nstream 100\n```")], true),
    );
    const arrivals: number[] = [];
    for await (const _ of response.body!) arrivals.push(performance.now());
    expect(arrivals.length).toBeGreaterThan(20);
    expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(400);
  });

  test("ends with code 0 on SIGTERM, also in the middle of an answer", async () => {
    const other = await startDemoModel();
    const body = JSON.stringify(clients.chat!.body([user("```demo\nsleep 600000\n```")], true));
    const response = await fetch(`${other.url}/v1/chat/completions`, { method: "POST", body });
    const cut = response.text().then(
      () => "whole",
      () => "cut",
    );
    expect(await other.stop()).toBe(0);
    expect(await cut).toBe("cut");
  });

  test.each([
    ["a port in use", () => ["--port", new URL(server.url).port], /^demo-model: port \d+ is in use; .*\n$/],
    [
      "a bad port",
      () => ["--port", "70000"],
      /^demo-model: --port must be a number from 0 to 65535, not "70000"\.\n$/,
    ],
    [
      "an unknown flag",
      () => ["--prot", "1"],
      /^demo-model: Unknown option '--prot'; the flags are --port N, --record FILE and --fake\.\n$/,
    ],
    ["an argument", () => ["3230"], /^demo-model: Unexpected argument '3230'; .*\n$/],
  ])("says in one sentence why it cannot start: %s", async (_, flags, sentence) => {
    const child = spawnMain(...flags());
    let stderr = "";
    child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await Promise.race([once(child, "close"), delay(10_000, [undefined])])) as [
      number | undefined,
    ];
    if (code === undefined) child.kill("SIGKILL");
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
  });
});
