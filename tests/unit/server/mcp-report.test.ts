import { beforeEach, expect, test, vi } from "vitest";

const { countCalls, heldBy } = vi.hoisted(() => ({ countCalls: vi.fn(), heldBy: vi.fn() }));
vi.mock("#server/mcp/calls.ts", () => ({ countCalls, noteWait: vi.fn() }));
vi.mock(import("#server/mcp/held.ts"), async (original) => ({ ...(await original()), heldBy }));
vi.mock("#server/keys/variables.ts", () => ({ maskerOf: async () => ({ mask: (text: string) => text }) }));

const { mcpReport } = await import("#server/mcp/report.ts");

let sessions = 0;
beforeEach(() => {
  vi.clearAllMocks();
  sessions += 1;
});

async function report(transport: string, said: object) {
  heldBy.mockResolvedValue({ serverId: "m1", sessionId: `s${sessions}`, name: "files", transport });
  const calls = { calls: 2, errors: 0, total_ms: 10, max_ms: 6, result_bytes: 20, failures: [], ...said };
  const body = JSON.stringify({ status: "calls", ...calls });
  return await mcpReport(new Request("http://studio/api/mcp/files/report", { method: "POST", body }));
}

test("a sandbox says how often a server that runs in it was called", async () => {
  expect((await report("stdio", {})).status).toBe(204);
  expect(countCalls).toHaveBeenCalledWith("m1", expect.objectContaining({ calls: 2, errors: 0 }));
});

test("it says nothing of a server that is reached through Studio, which counts itself", async () => {
  expect((await report("http", {})).status).toBe(404);
  expect(countCalls).not.toHaveBeenCalled();
});

test("it cannot have more calls fail than it made", async () => {
  await report("stdio", { errors: 900 });
  expect(countCalls).toHaveBeenCalledWith("m1", expect.objectContaining({ calls: 2, errors: 2 }));
});
