import path from "node:path";
import type { Sandbox } from "e2b";
import { afterAll, beforeAll } from "vitest";
import { HostProcess, temporaryFolder } from "./host-process.ts";

const temporary = temporaryFolder();
/** For all tests of the file that imports it, one host and a sandbox of it, with a variable of its own. */
export let host: HostProcess;
export let sandbox: Sandbox;

beforeAll(async () => {
  host = await HostProcess.start(path.join(temporary.folder, "data"));
  sandbox = await host.create({ envs: { OUTER: "1" } });
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});
