import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LEASE } from "./support.ts";

const here = { wake: vi.fn(), provision: vi.fn() };
const engine = vi.fn(() => here);
vi.mock("../../../../lib/server/engine/engine.ts", () => ({ engine: () => engine() }));

beforeEach(() => {
  vi.resetModules();
  vi.clearAllMocks();
  const example = fs.readFileSync(path.resolve(import.meta.dirname, "../../../../.env.example"), "utf8");
  for (const [name, value] of Object.entries(parseEnv(example))) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

async function act() {
  const { startProvisioning, wakeSession } = await import("#server/engine/wake.ts");
  wakeSession(LEASE.sessionId);
  startProvisioning(LEASE.sessionId);
}

test("the engine of this process is told what there is to do", async () => {
  await act();
  expect(here.wake).toHaveBeenCalledWith(LEASE.sessionId);
  expect(here.provision).toHaveBeenCalledWith(LEASE.sessionId);
});

test("where workers carry the sessions, this process starts no engine", async () => {
  vi.stubEnv("STUDIO_ENGINE", "external");
  await act();
  expect(engine).not.toHaveBeenCalled();
});
