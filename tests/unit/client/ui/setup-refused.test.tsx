// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { SetupRow } from "#client/live-settings.ts";
import { SetupRefused } from "#components/settings/setup-refused.tsx";
import { draw } from "./render.tsx";

afterEach(() => vi.unstubAllGlobals());

const row = (refused: object[]) =>
  ({ environment: "development", build: { refused } }) as unknown as SetupRow;
const REFUSED = [
  { host: "registry.example.com", port: 443, reason: "policy" },
  { host: "mirror.example.com", port: 8443, reason: "private" },
  { host: "169.254.169.254", port: 80, reason: "policy" },
];

test("what set-up was refused is allowed by an admin, where a policy can allow it at all", async () => {
  const sent: { url: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    sent.push({ url, body: JSON.parse(init.body as string) });
    return Response.json({ policy: {} });
  });
  const user = draw(<SetupRefused row={row(REFUSED)} off={false} />);
  expect(screen.getByText(/on a private network/)).toBeTruthy();
  expect(screen.getAllByRole("button")).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "Allow registry.example.com for this organization" }));
  expect(await screen.findByText(/Run the script again/)).toBeTruthy();
  expect(sent).toEqual([
    { url: expect.stringContaining("/network/development/hosts"), body: { host: "registry.example.com" } },
  ]);
});

test("others are told whom to ask, and nothing is shown where nothing was refused", () => {
  draw(<SetupRefused row={row(REFUSED)} off />);
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getAllByText(/An admin can allow it/)).toHaveLength(1);
  expect(screen.getByText(/refused connections/)).toBeTruthy();
});
