import { RateLimitError, Sandbox, SandboxNotFoundError } from "e2b";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { countSandbox, endMetered, endSandbox } from "#server/sandbox/end.ts";
import { ServiceFull, StepReporter } from "#server/sandbox-start/steps.ts";
import { type Call, fakeData } from "#tests/fake-data.ts";

vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => ({ E2B_API_KEY: "e2b_0" }),
}));
let data: ReturnType<typeof fakeData>;
vi.mock("#server/convex/client.ts", () => ({ serviceData: () => data.data }));
const sessionId = "session" as Id<"sandboxSessions">;
beforeEach(() => {
  data = fakeData({ "events:provisionStep": () => ({ live: true }) });
});
afterEach(() => void vi.restoreAllMocks());
const calls = (name: string): Call["args"][] =>
  data.calls.filter((call) => call.name === name).map(({ args }) => args);

test("a sandbox that is ended says whether it ran until then", async () => {
  const kill = vi.spyOn(Sandbox, "kill").mockResolvedValue(true);
  const before = Date.now();
  await endSandbox(sessionId, "box");
  kill.mockResolvedValue(false);
  await endSandbox(sessionId, "gone");
  await endSandbox(sessionId, null);
  const [ran, gone, none] = calls("sandboxSessions:cleanedUp");
  expect(ran).toMatchObject({ sessionId, ended: { sandboxId: "box", ran: true } });
  const { at } = ran!["ended"] as { at: number };
  expect(at).toBeGreaterThanOrEqual(before);
  expect(gone).toMatchObject({ ended: { sandboxId: "gone", ran: false } });
  expect(none).toEqual({ sessionId });
  kill.mockRejectedValue(new SandboxNotFoundError("gone"));
  await endMetered("lost");
  expect(calls("sandboxMeters:seen")).toMatchObject([{ sandboxId: "lost", ran: false, ended: true }]);
  // Nobody knows: nothing is told, and the sweep asks again.
  kill.mockRejectedValue(new Error("the host is away"));
  await expect(endSandbox(sessionId, "box")).rejects.toThrow("away");
  expect(calls("sandboxSessions:cleanedUp")).toHaveLength(3);
});

test("a look counts up to when it was asked, and nothing where the host does not answer", async () => {
  const info = vi.spyOn(Sandbox, "getInfo");
  let askedAt = 0;
  info.mockImplementation(async () => {
    askedAt = Date.now();
    return await Promise.resolve({ state: "running" } as Awaited<ReturnType<typeof Sandbox.getInfo>>);
  });
  await countSandbox("box");
  info.mockRejectedValue(new SandboxNotFoundError("gone"));
  await countSandbox("gone");
  info.mockRejectedValue(new Error("the host is away"));
  await countSandbox("unknown");
  const seen = calls("sandboxMeters:seen");
  expect(seen).toMatchObject([
    { sandboxId: "box", ran: true, ended: false },
    { sandboxId: "gone", ran: false, ended: false },
  ]);
  expect(seen[0]?.["at"]).toBeLessThanOrEqual(askedAt);
});

test("a creation that the service refuses for its limits is no failure of the session", async () => {
  const steps = new StepReporter(sessionId, 1, Date.now());
  const refused = steps.during("sandbox", "sandbox", async () => {
    throw new RateLimitError("you have 20 sandboxes");
  });
  await expect(refused).rejects.toBeInstanceOf(ServiceFull);
  const other = steps.during("sandbox", "sandbox", async () => {
    throw new Error("no such template");
  });
  await expect(other).rejects.not.toBeInstanceOf(ServiceFull);
});
