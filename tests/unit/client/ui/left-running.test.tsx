// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { LeftRunning } from "#components/dock/left-running.tsx";
import { drawSession, stubBackend } from "./session.tsx";

afterEach(() => vi.unstubAllGlobals());

test("BUG-5: what a command left running is listed, and ended once somebody has confirmed it", async () => {
  const use = { memoryBytes: 52_428_800, cpuPercent: 12, from: "command" as const };
  let processes = [{ pid: 71, command: "node server.js", since: Date.now() - 5_000, ports: [8080], ...use }];
  const backend = stubBackend((path) => {
    if (!path.endsWith("/71")) return Response.json({ processes, truncated: false });
    processes = [];
    return new Response(null, { status: 204 });
  });
  const user = drawSession([], <LeftRunning />);
  const row = await screen.findByRole("row", { name: /node server\.js Agent 71 8080 12\s?% 52\.4\sMB/ });
  await user.click(screen.getByRole("button", { name: "End process 71" }));
  await user.click(await screen.findByRole("button", { name: "Keep it running" }));
  expect(backend.requests.map(({ method }) => method)).not.toContain("DELETE");
  await user.click(screen.getByRole("button", { name: "End process 71" }));
  await user.click(await screen.findByRole("button", { name: "End process" }));
  await waitFor(() => expect(row.isConnected).toBe(false));
  expect(backend.requests.filter(({ method }) => method === "DELETE")).toEqual([
    { method: "DELETE", path: expect.stringMatching(/\/processes\/71$/), body: undefined },
  ]);
});

test("nothing is shown where nothing runs", async () => {
  const backend = stubBackend(() => Response.json({ processes: [], truncated: false }));
  drawSession([], <LeftRunning />);
  await waitFor(() => expect(backend.requests).toHaveLength(1));
  expect(screen.queryByRole("table")).toBeNull();
});
