import path from "node:path";
import { CommandExitError, type Sandbox } from "e2b";
import { afterAll, beforeAll, expect } from "vitest";
import { REGISTRY, wayToRegistry } from "#tests/registry.ts";
import { testWhere } from "#tests/test-where.ts";
import { HostProcess, temporaryFolder } from "./host-process.ts";

const way = await wayToRegistry();
const testWithRegistry = testWhere(typeof way !== "string", typeof way === "string" ? way : "");
const DENY_ALL = ["0.0.0.0/0"];
const temporary = temporaryFolder();
let host: HostProcess;
let sandbox: Sandbox;

beforeAll(async () => {
  if (typeof way === "string") return;
  host = await HostProcess.start(path.join(temporary.folder, "data"), [
    ...way.publicAddresses.map((block) => `--public-address=${block}`),
    ...(way.caFile === undefined ? [] : [`--ca=${way.caFile}`]),
  ]);
  sandbox = await host.create({ network: { denyOut: DENY_ALL, allowOut: [REGISTRY] } });
});
afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

/** Runs a command to its end, whatever that is. */
async function run(command: string): Promise<{ exitCode: number; output: string }> {
  const result = await sandbox.commands.run(command, { timeoutMs: 120_000 }).catch((error: unknown) => {
    if (error instanceof CommandExitError) return error;
    throw error;
  });
  return { exitCode: result.exitCode, output: result.stdout + result.stderr };
}
const install = async (name: string) =>
  await run(
    `mkdir -p ~/${name} && cd ~/${name} && npm install --no-audit --no-fund --fetch-retries=0 --cache ~/cache-${name} is-number`,
  );

testWithRegistry(
  "npm installs a package from the registry, and is refused in the policy's words once it is off the list",
  async () => {
    const installed = await install("one");
    expect(installed.output).toContain("added 1 package");
    const used = await run(`cd ~/one && node -e 'console.log(require("is-number")(7))'`);
    expect(used.output.trim()).toBe("true");
    await sandbox.updateNetwork({ denyOut: DENY_ALL, allowOut: [] });
    const refused = await install("two");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("Blocked by Studio's network policy");
    await sandbox.updateNetwork({
      denyOut: DENY_ALL,
      allowOut: [`*.${REGISTRY.split(".").slice(1).join(".")}:443`],
    });
    expect((await install("two")).output).toContain("added 1 package");
  },
  300_000,
);
