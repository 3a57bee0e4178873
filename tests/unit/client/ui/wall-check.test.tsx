// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { WallChecks } from "#components/dock/wall-check.tsx";
import { drawSession, stubBackend } from "./session.tsx";

afterEach(() => vi.unstubAllGlobals());

test("what a sandbox was refused is shown with what refused it, and what went through stands out", async () => {
  const checks = [
    {
      id: "mount",
      title: "Mounting",
      attempt: "Mount",
      held: true,
      reasons: ["The kernel doesn't permit it"],
    },
    { id: "ports", title: "The host's ports", attempt: "Connect", held: false, reasons: [] },
    { id: "memory", title: "More memory", attempt: "Take more", held: null, reasons: [] },
  ];
  const backend = stubBackend(() => Response.json({ checks }));
  const user = drawSession([], <WallChecks />);
  await user.click(screen.getByRole("button", { name: "Try the walls" }));
  await screen.findByRole("row", { name: "Mounting Mount Refused The kernel doesn't permit it" });
  screen.getByRole("row", { name: "The host's ports Connect Went through none" });
  screen.getByRole("row", { name: "More memory Take more Not tried none" });
  screen.getByText("1 of 3 attempts were refused.");
  expect(backend.requests).toEqual([
    { method: "POST", path: expect.stringMatching(/\/sandbox\/check$/), body: undefined },
  ]);
});
