// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { RetentionCard } from "#components/settings/retention-card.tsx";
import { draw } from "./render.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh: () => undefined }) }));
afterEach(() => vi.unstubAllGlobals());

/** What was sent to the settings' route. */
function sent(): unknown[] {
  const values: unknown[] = [];
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    const { value } = JSON.parse(body) as { value: unknown };
    values.push(value);
    return Response.json({ key: "session_log_retention_days", value });
  });
  return values;
}
const field = () => screen.getByLabelText<HTMLInputElement>("Delete logs after (days)");
const save = () => screen.getByRole("button", { name: "Save" });

test("what deletes logs is asked about first, and not done where it is refused", async () => {
  const values = sent();
  const user = draw(<RetentionCard days={null} off={false} />);
  await user.type(field(), "30");
  await user.click(save());
  await user.click(await screen.findByRole("button", { name: "Keep them" }));
  expect(values).toEqual([]);
  await user.click(save());
  await user.click(await screen.findByRole("button", { name: "Delete older logs" }));
  await screen.findByText("Saved");
  expect(values).toEqual([30]);
});

test("keeping logs longer is saved at once", async () => {
  const values = sent();
  const user = draw(<RetentionCard days={30} off={false} />);
  await user.clear(field());
  await user.click(save());
  await waitFor(() => expect(values).toEqual([null]));
});

test("what is no number of days is not sent", async () => {
  const values = sent();
  const user = draw(<RetentionCard days={30} off={false} />);
  await user.clear(field());
  await user.type(field(), "0");
  await user.click(save());
  await screen.findByText(/Enter a whole number from 1 to 3650/);
  expect(values).toEqual([]);
});
