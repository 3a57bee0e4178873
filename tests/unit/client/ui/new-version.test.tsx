// @vitest-environment happy-dom
import { act, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { noteBuild, setOwnBuild } from "#client/build.ts";
import { NewVersionBanner } from "#components/shell/new-version-banner.tsx";
import { draw } from "./render.tsx";

test("a page of an older build says so, and is loaded again when its person wants to", async () => {
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  setOwnBuild("one");
  const user = draw(<NewVersionBanner />);
  act(() => noteBuild("one"));
  expect(screen.getByRole("status").textContent).toBe("");
  act(() => noteBuild("two"));
  expect(screen.getByRole("status").textContent).toContain("what you've typed stays");
  // In the middle of a deploy an older server may be asked.
  act(() => noteBuild("one"));
  expect(screen.getByRole("status").textContent).toBe("");
  act(() => noteBuild("two"));
  expect(reload).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Reload" }));
  expect(reload).toHaveBeenCalledOnce();
});
