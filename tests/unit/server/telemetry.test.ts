import { expect, test, vi } from "vitest";

const signals = { traces: false, metrics: false };
const loaded = vi.hoisted(() => ({ times: 0 }));
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  telemetrySignals: () => signals,
}));
vi.mock("../../../lib/server/telemetry/sdk.ts", async (original) => {
  loaded.times += 1;
  return await original<object>();
});
const { currentTraceparent } = await import("../../../lib/server/request-context.ts");
const { hasTelemetry, metrics, startTelemetry, traced } =
  await import("../../../lib/server/telemetry/telemetry.ts");

test("without an address nothing is loaded, and work is done all the same", async () => {
  await startTelemetry();
  expect(loaded.times).toBe(0);
  expect(hasTelemetry()).toBe(false);
  metrics().queueWait("prompt", 1);
  const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect(await traced("work", { parent }, async () => currentTraceparent() ?? "none")).toBe("none");
  await expect(
    traced("work", {}, async () => {
      throw new Error("failed");
    }),
  ).rejects.toThrow("failed");
});
