import { afterAll, beforeAll } from "vitest";
import { Field, type SandboxedAgent } from "./sandboxed-agent.ts";

/** For all tests of the file that imports it, one host with the demo model, and one agent in a sandbox of it. */
export let field: Field;
export let agent: SandboxedAgent;

beforeAll(async () => {
  field = await Field.start();
  agent = await field.agent();
}, 120_000);

afterAll(async () => {
  agent?.stop();
  await field?.stop();
});
