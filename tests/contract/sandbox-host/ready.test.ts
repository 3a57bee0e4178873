import fs from "node:fs";
import path from "node:path";
import { Sandbox } from "e2b";
import { isAlive, markOf } from "#sandbox-host/processes.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  API_KEY,
  eventually,
  HostProcess,
  IDENTITIES,
  dataFolderFor,
  temporaryFolder,
} from "./host-process.ts";

const temporary = temporaryFolder();

afterAll(() => temporary.remove());

describe.each(IDENTITIES)("a host that is $name", ({ identity }) => {
  const data = dataFolderFor(temporary.folder, identity);
  let host: HostProcess;

  beforeAll(async () => {
    host = await HostProcess.start(data, [], identity);
  });

  afterAll(async () => {
    await host?.stop();
  });

  /** The sandbox that no caller has: its id and the host pid of its builder. */
  async function theReady(taken: Sandbox[]): Promise<{ id: string; pid: number }> {
    await host.untilReady();
    const folder = path.join(data, "sandboxes");
    const ids = fs.readdirSync(folder).filter((id) => !taken.some((sandbox) => sandbox.sandboxId === id));
    expect(ids).toHaveLength(1);
    const [id = ""] = ids;
    const record: unknown = JSON.parse(fs.readFileSync(path.join(folder, id, "record.json"), "utf8"));
    return { id, pid: (record as { process: { pid: number } }).process.pid };
  }

  const ask = (id: string, method = "GET"): Promise<Response> =>
    fetch(`${host.url}/sandboxes/${id}`, { method, headers: { "x-api-key": API_KEY } });

  test("one that waits is nobody's: not listed, not found, not reached, not killed", async () => {
    const first = await host.create();
    const { id } = await theReady([first]);
    const listed = await Sandbox.list(host.sdk).nextItems();
    expect(listed.map((sandbox) => sandbox.sandboxId)).toEqual([first.sandboxId]);
    expect((await ask(id)).status).toBe(404);
    expect((await ask(id, "DELETE")).status).toBe(404);
    const headers = { "E2b-Sandbox-Id": id, "E2b-Sandbox-Port": "49983" };
    expect((await fetch(`${host.url}/health`, { headers })).status).toBe(502);
    await first.kill();
  });

  test("the next caller gets it, with what was asked for and as closed as any", async () => {
    const { id } = await theReady([]);
    const before = Date.now();
    const sandbox = await host.create({
      envs: { MINE: "yes" },
      metadata: { of: "me" },
      network: { denyOut: ["0.0.0.0/0"], allowPublicTraffic: false },
    });
    expect(sandbox.sandboxId).toBe(id);
    expect(((await (await ask(id)).json()) as { wasReady: boolean }).wasReady).toBe(true);
    const info = await sandbox.getInfo();
    expect(info.metadata).toEqual({ of: "me" });
    expect(info.startedAt.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(sandbox.trafficAccessToken).toBeTruthy();
    const seen = await sandbox.commands.run(
      "echo $MINE $E2B_SANDBOX_ID; ls -A ~ /workspace /tmp; cat /proc/1/environ",
    );
    expect(seen.stdout.trim().split("\n")).toEqual([
      `yes ${id}`,
      "/home/user:",
      "",
      "/tmp:",
      "",
      "/workspace:",
    ]);
    const out = await sandbox.commands.run(
      "curl -s -o /dev/null -w '%{http_code}' http://example.com/ || true",
    );
    expect(out.stdout).toBe("403");
    expect((await host.fetchPort(sandbox, 8080, "/")).status).toBe(403);
    // And the one after it is another.
    const next = await theReady([sandbox]);
    expect(next.id).not.toBe(id);
    const owners = [id, next.id].map(
      (one) => fs.statSync(path.join(data, "sandboxes", one, "workspace")).uid,
    );
    if (identity.uid === undefined && process.getuid?.() === 0) expect(new Set(owners).size).toBe(2);
    await sandbox.kill();
  });

  test("one that dies while it waits is replaced, and a caller never gets a dead one", async () => {
    const { id, pid } = await theReady([]);
    process.kill(pid, "SIGKILL");
    await eventually("it is dead", () => !isAlive(markOf(pid)));
    const sandbox = await host.create();
    expect(sandbox.sandboxId).not.toBe(id);
    expect((await sandbox.commands.run("echo alive")).stdout).toBe("alive\n");
    const next = await theReady([sandbox]);
    expect(next.id).not.toBe(id);
    await sandbox.kill();
  });

  test("it ends with its host", async () => {
    const { pid } = await theReady([]);
    expect(await host.stop()).toBe(0);
    expect(isAlive(markOf(pid))).toBe(false);
    expect(fs.readdirSync(path.join(data, "sandboxes"))).toEqual([]);
    host = await HostProcess.start(data, [], identity);
    await (await host.create()).kill();
    const again = await theReady([]);
    await host.stop("SIGKILL");
    await eventually("it is gone", () => !isAlive(markOf(again.pid)), 3_000);
  });
});
