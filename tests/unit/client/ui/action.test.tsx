// @vitest-environment happy-dom
import { act, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { Button } from "#components/ui/button.tsx";
import { ActionProblem } from "#components/ui/problem-notice.tsx";
import { useAction } from "#client/action.ts";
import { ApiError } from "#client/api.ts";
import { draw, request } from "./render.tsx";

function Revoke({ send }: { send: () => Promise<void> }) {
  const revoke = useAction(send, "Couldn't revoke the key");
  return (
    <>
      <Button action={revoke} busy="Revoking">
        Revoke
      </Button>
      <ActionProblem failure={revoke.failure} retryable />
      {revoke.done && <p>Revoked</p>}
    </>
  );
}

const refusal = () =>
  new ApiError("Studio is busy.", { code: "unavailable", status: 503, requestId: "req-7" });

test("a button shows what it started until that has ended", async () => {
  const { send, succeed } = request();
  const user = draw(<Revoke send={send} />);
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  const busy = await screen.findByRole("button", { name: "Revoking" });
  expect(busy.getAttribute("aria-disabled")).toBe("true");
  succeed();
  await screen.findByText("Revoked");
  expect(screen.getByRole("button", { name: "Revoke" }).getAttribute("aria-disabled")).toBe("false");
});

test("two presses before the page knows of the first one start it once", async () => {
  const { send, calls, succeed } = request();
  draw(<Revoke send={send} />);
  const button = screen.getByRole("button", { name: "Revoke" });
  act(() => {
    button.click();
    button.click();
  });
  await screen.findByRole("button", { name: "Revoking" });
  expect(calls).toHaveLength(1);
  succeed();
  await screen.findByText("Revoked");
});

test("it can be started again once it has ended", async () => {
  const { send, calls, succeed } = request();
  const user = draw(<Revoke send={send} />);
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  await user.click(await screen.findByRole("button", { name: "Revoking" }));
  succeed();
  await screen.findByText("Revoked");
  expect(calls).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  expect(calls).toHaveLength(2);
});

test("a refusal is said at once, with the request that finds it in the log", async () => {
  const { send, fail } = request();
  const user = draw(<Revoke send={send} />);
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  fail(refusal());
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Couldn't revoke the key");
  expect(alert.textContent).toContain("Studio is busy.");
  expect(alert.textContent).toContain("req-7");
});

test("what failed can be tried again, and the problem goes meanwhile", async () => {
  const { send, calls, fail, succeed } = request();
  const user = draw(<Revoke send={send} />);
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  fail(refusal());
  await user.click(await screen.findByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  expect(calls).toHaveLength(2);
  succeed();
  await screen.findByText("Revoked");
});

test("the keyboard presses it, and a button that is off takes no key", async () => {
  const { send, calls } = request();
  const user = draw(<Revoke send={send} />);
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Revoke" }));
  await user.keyboard("{Enter}");
  await screen.findByRole("button", { name: "Revoking" });
  await user.keyboard("{Enter} ");
  expect(calls).toHaveLength(1);
});
