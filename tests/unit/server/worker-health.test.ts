import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { serveHealth } from "#server/worker/health.ts";

test("a worker says that it is healthy, on loopback alone, until it ends", async () => {
  const state = { ending: false, sessions: 3 };
  const server = await serveHealth(0, () => state);
  const { address, port } = server.address() as AddressInfo;
  expect(address).toBe("127.0.0.1");
  const ask = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`);
  try {
    const healthy = await ask("/health");
    expect([healthy.status, await healthy.json()]).toEqual([200, { status: "healthy", sessions: 3 }]);
    expect((await ask("/")).status).toBe(404);
    state.ending = true;
    const ending = await ask("/health");
    expect([ending.status, await ending.json()]).toEqual([503, { status: "ending", sessions: 3 }]);
    await expect(serveHealth(port, () => state)).rejects.toThrow("EADDRINUSE");
  } finally {
    server.close();
  }
});
