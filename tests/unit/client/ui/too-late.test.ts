// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "#client/api.ts";
import { toasts } from "#client/toast.ts";
import { sendAnswer } from "#client/too-late.ts";

afterEach(() => vi.restoreAllMocks());

test("PAGE-9: who loses a race is told who decided what; another failure is the card's own to show", async () => {
  const say = vi.spyOn(toasts, "add");
  const fail = async (code: string) =>
    await sendAnswer(async () => {
      throw new ApiError("Mara already allowed this.", { code, status: 409 });
    });
  await expect(fail("already_decided")).rejects.toMatchObject({ code: "already_decided" });
  expect(say).toHaveBeenCalledTimes(1);
  expect(JSON.stringify(say.mock.calls)).toContain("Mara already allowed this. Your answer came too late.");
  await expect(fail("run_ended")).rejects.toMatchObject({ code: "run_ended" });
  expect(say).toHaveBeenCalledTimes(1);
  await sendAnswer(async () => undefined);
  expect(say).toHaveBeenCalledTimes(1);
});
