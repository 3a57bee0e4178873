import path from "node:path";
import { AuthenticationError, NotFoundError, Sandbox, SandboxNotFoundError, Volume } from "e2b";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testWithCgroups } from "#tests/test-where.ts";
import { eventually, HostProcess, processesWith, temporaryFolder } from "./host-process.ts";

const temporary = temporaryFolder();
let host: HostProcess;

beforeAll(async () => {
  host = await HostProcess.start(path.join(temporary.folder, "data"));
});

afterAll(async () => {
  expect(await host?.stop()).toBe(0);
  temporary.remove();
});

const stateOf = async (sandbox: Sandbox): Promise<string> => (await sandbox.getInfo()).state;

describe("create, info, kill", () => {
  test("a sandbox lives until it is killed", async () => {
    const sandbox = await host.create({ metadata: { purpose: "life" }, envs: { GREETING: "hello" } });
    expect(await sandbox.isRunning()).toBe(true);
    const info = await sandbox.getInfo();
    expect(info).toMatchObject({
      sandboxId: sandbox.sandboxId,
      templateId: "base",
      metadata: { purpose: "life" },
      state: "running",
      sandboxDomain: "localhost:3220",
    });
    expect(info.endAt.getTime() - Date.now()).toBeGreaterThan(55_000);
    const { stdout } = await sandbox.commands.run("echo $GREETING $E2B_SANDBOX_ID");
    expect(stdout.trim()).toBe(`hello ${sandbox.sandboxId}`);
    expect(await sandbox.kill()).toBe(true);
    expect(await sandbox.isRunning()).toBe(false);
    expect(await Sandbox.kill(sandbox.sandboxId, host.sdk)).toBe(false);
    await expect(Sandbox.getInfo(sandbox.sandboxId, host.sdk)).rejects.toThrow(NotFoundError);
    await expect(sandbox.commands.run("true")).rejects.toThrow();
  });

  test("connect reaches the same sandbox, and never shortens its time", async () => {
    const sandbox = await host.create();
    await sandbox.files.write("/workspace/here.txt", "same");
    const before = (await sandbox.getInfo()).endAt.getTime();
    const again = await Sandbox.connect(sandbox.sandboxId, { ...host.sdk, timeoutMs: 5_000 });
    expect(await again.files.read("/workspace/here.txt")).toBe("same");
    expect((await again.getInfo()).endAt.getTime()).toBeGreaterThanOrEqual(before);
    await sandbox.kill();
    await expect(Sandbox.connect(sandbox.sandboxId, host.sdk)).rejects.toThrow(NotFoundError);
  });

  test("wrong key, unknown template, bad body", async () => {
    await expect(Sandbox.create("base", { ...host.sdk, apiKey: "wrong" })).rejects.toThrow(
      AuthenticationError,
    );
    await expect(host.create({}, "no-such-template")).rejects.toMatchObject({
      name: "SandboxError",
      statusCode: 404,
      message: expect.stringContaining("no-such-template"),
    });
    await expect(host.create({ network: { allowOut: ["example.com"] } })).rejects.toMatchObject({
      statusCode: 400,
    });
    for (const [body, status] of [
      ["{", 400],
      ["{}", 400],
      [JSON.stringify({ templateID: "base", timeout: "soon" }), 400],
      [JSON.stringify({ templateID: "base", pad: "x".repeat(2 ** 20) }), 413],
    ] as const) {
      const response = await fetch(`${host.url}/v2/sandboxes`, {
        method: "POST",
        headers: { "x-api-key": host.sdk.apiKey ?? "" },
        body,
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ code: status, message: expect.any(String) });
    }
  });

  test("what is not emulated says so", async () => {
    const sandbox = await host.create();
    await expect(sandbox.fork()).rejects.toThrow(/501: fork is not emulated/);
    const rules = { "x.test": [{ transform: { headers: { authorization: "x" } } }] };
    const network = { denyOut: ["0.0.0.0/0"], allowOut: ["x.test"], rules };
    await expect(host.create({ network })).rejects.toThrow(/501: .*transform is not emulated/);
    await expect(Volume.create("v", host.sdk)).rejects.toThrow(/501/);
    await expect(Sandbox.fork("inone", host.sdk)).rejects.toThrow(SandboxNotFoundError);
    await expect(sandbox.fork({ count: 0 })).rejects.toThrow(/400: .*count/s);
    await sandbox.kill();
  });

  test("the older paths answer too, and health needs no key", async () => {
    expect((await fetch(`${host.url}/health`)).status).toBe(200);
    const headers = { "x-api-key": host.sdk.apiKey ?? "", "content-type": "application/json" };
    const created = await fetch(`${host.url}/sandboxes`, {
      method: "POST",
      headers,
      body: JSON.stringify({ templateID: "base", timeout: 30 }),
    });
    expect(created.status).toBe(201);
    const { sandboxID } = (await created.json()) as { sandboxID: string };
    const listed = (await (await fetch(`${host.url}/sandboxes`, { headers })).json()) as {
      sandboxID: string;
    }[];
    expect(listed.map((s) => s.sandboxID)).toContain(sandboxID);
    const killed = await fetch(`${host.url}/sandboxes/${sandboxID}`, { method: "DELETE", headers });
    expect(killed.status).toBe(204);
  });
});

describe("time", () => {
  test("a sandbox ends when its time is over, not before, with its processes", async () => {
    const sandbox = await host.create({ timeoutMs: 2_000 });
    const mark = `sleep 41${process.pid}`;
    await sandbox.commands.run(mark, { background: true, timeoutMs: 0 });
    expect(processesWith(mark)).not.toEqual([]);
    const { endAt } = await sandbox.getInfo();
    await eventually("the sandbox is gone", async () => !(await sandbox.isRunning()));
    expect(Date.now()).toBeGreaterThanOrEqual(endAt.getTime());
    await eventually("its processes are gone", () => processesWith(mark).length === 0);
  });

  test("setTimeout moves the end both ways", async () => {
    const sandbox = await host.create({ timeoutMs: 1_500 });
    await sandbox.setTimeout(60_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await sandbox.isRunning()).toBe(true);
    await sandbox.setTimeout(0);
    await eventually("the sandbox is gone", async () => !(await sandbox.isRunning()), 2_000);
    await expect(Sandbox.setTimeout(sandbox.sandboxId, 1_000, host.sdk)).rejects.toThrow(NotFoundError);
  });

  testWithCgroups("pause keeps processes where they are; without memory it keeps files", async () => {
    const sandbox = await host.create();
    const counter = await sandbox.commands.run("while sleep 0.05; do echo x >> /workspace/ticks; done", {
      background: true,
      timeoutMs: 0,
    });
    await eventually("it counts", () => sandbox.files.exists("/workspace/ticks"));
    expect(await sandbox.pause()).toBe(true);
    expect(await sandbox.pause()).toBe(false);
    expect((await Sandbox.getInfo(sandbox.sandboxId, host.sdk)).state).toBe("paused");
    const back = await Sandbox.connect(sandbox.sandboxId, host.sdk);
    const ticks = (await back.files.read("/workspace/ticks")).length;
    await eventually("it counts on", async () => (await back.files.read("/workspace/ticks")).length > ticks);
    expect((await back.commands.list()).map((p) => p.pid)).toContain(counter.pid);
    expect(await back.pause({ keepMemory: false })).toBe(true);
    const rebooted = await Sandbox.connect(sandbox.sandboxId, host.sdk);
    expect(await rebooted.commands.list()).toEqual([]);
    expect((await rebooted.files.read("/workspace/ticks")).length).toBeGreaterThan(ticks);
    await rebooted.kill();
  });
});

test("a sandbox that pauses at its end is resumed by traffic if asked to be, and stays paused if not", async () => {
  const [resumes, stays] = await Promise.all([
    host.create({ timeoutMs: 1_000, lifecycle: { onTimeout: "pause", autoResume: true } }),
    host.create({ timeoutMs: 1_000, lifecycle: { onTimeout: "pause" } }),
  ]);
  await eventually("both are paused", async () =>
    (await Promise.all([stateOf(resumes), stateOf(stays)])).every((state) => state === "paused"),
  );
  expect((await resumes.commands.run("echo back")).stdout).toBe("back\n");
  expect(await stateOf(resumes)).toBe("running");
  await expect(stays.commands.run("true")).rejects.toThrow();
  expect(await stateOf(stays)).toBe("paused");
  await Promise.all([resumes.kill(), stays.kill()]);
});

test("lists are filtered and paged", async () => {
  const run = `run-${process.pid}`;
  const made: string[] = [];
  for (const n of ["a", "b", "c"]) {
    made.push((await host.create({ metadata: { run, "name&n": n } })).sandboxId);
  }
  const collect = async (limit: number, order: "asc" | "desc") => {
    const pages: string[][] = [];
    const paginator = Sandbox.list({ ...host.sdk, query: { metadata: { run } }, limit, order });
    while (paginator.hasNext) pages.push((await paginator.nextItems()).map((s) => s.sandboxId));
    return pages;
  };
  expect(await collect(2, "asc")).toEqual([made.slice(0, 2), made.slice(2)]);
  expect(await collect(10, "desc")).toEqual([made.toReversed()]);
  const one = await Sandbox.list({ ...host.sdk, query: { metadata: { "name&n": "b" } } }).nextItems();
  expect(one.map((s) => s.sandboxId)).toEqual([made[1]]);
  const paused = await Sandbox.list({ ...host.sdk, query: { state: ["paused"] } }).nextItems();
  expect(paused).toEqual([]);
  await Promise.all(made.map((id) => Sandbox.kill(id, host.sdk)));
});

test("ten at once", async () => {
  const sandboxes = await Promise.all(Array.from({ length: 10 }, () => host.create()));
  const outputs = await Promise.all(sandboxes.map((s, i) => s.commands.run(`echo ${i}`)));
  expect(outputs.map((o) => o.stdout.trim())).toEqual(sandboxes.map((_, i) => String(i)));
  await Promise.all(sandboxes.map((s) => s.kill()));
});
