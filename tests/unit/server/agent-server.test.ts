import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import type { CommandHandle, CommandStartOpts } from "e2b";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  const example = fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8");
  for (const [name, value] of Object.entries(parseEnv(example))) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

const PLACE = {
  ref: { sandboxId: "box", trafficUrl: "http://127.0.0.1:9", trafficToken: undefined },
  sessionId: "s1",
  acpServerId: "acp",
};

/** @param ends with what code the command ends at once, if it does */
async function started(options: { ends?: number } = {}) {
  const { CommandExitError } = await import("e2b");
  const { startAgentServer } = await import("#server/sandbox-start/agent-server.ts");
  const order: string[] = [];
  const stdin: string[] = [];
  const disconnect = vi.fn(async () => void order.push("disconnect"));
  const handle = {
    pid: 42,
    disconnect,
    wait: async () => {
      if (options.ends === undefined) return await new Promise<never>(() => undefined);
      throw new CommandExitError({ exitCode: options.ends, error: "", stdout: "", stderr: "" });
    },
  } as unknown as CommandHandle;
  const run = async (_command: string, given?: CommandStartOpts) => {
    if (options.ends === undefined) setImmediate(() => void given?.onStdout?.("waiting\n"));
    return handle;
  };
  const commands = {
    run: run as never,
    sendStdin: async (_pid: number, data: string | Uint8Array) => void stdin.push(String(data)),
  };
  let looks = 0;
  const healthy = async () => {
    looks += 1;
    order.push(`look ${looks}`);
    return looks === 2;
  };
  const start = startAgentServer({ commands }, PLACE, { healthy }, { model: "demo/demo" });
  return { start, order, stdin, disconnect };
}

test("the SDK's handle is let go once the bridge answers: it would keep all that the agent prints", async () => {
  const { start, order, stdin } = await started();
  await start;
  expect(order).toEqual(["look 1", "look 2", "disconnect"]);
  expect(stdin).toHaveLength(1);
});

test("it is let go as well where the bridge ends instead", async () => {
  const { start, disconnect } = await started({ ends: 3 });
  await expect(start).rejects.toThrow("exited with code 3");
  expect(disconnect).toHaveBeenCalledTimes(1);
});
