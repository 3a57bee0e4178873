// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { RetentionCard } from "#components/settings/retention-card.tsx";
import { draw } from "./render.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh: () => undefined }) }));
afterEach(() => vi.unstubAllGlobals());

const GOES = {
  as_of: "2026-11-30T00:00:00.000Z",
  sessions: 200,
  events: 12_345,
  checkpoints: 3,
  bytes: 4_200_000,
  is_more: true,
  oldest_at: "2025-01-02T00:00:00.000Z",
  newest_at: "2026-10-20T00:00:00.000Z",
};
const NOTHING = { ...GOES, sessions: 0, events: 0, checkpoints: 0, bytes: 0, is_more: false };
const goesNot = { ...NOTHING, oldest_at: null, newest_at: null };

/** What was sent to the settings' route. @param preview what would go */
function sent(preview: object = goesNot): unknown[] {
  const values: unknown[] = [];
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    if (url.startsWith("/api/v1/retention-preview")) return Response.json(preview);
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

test("what goes is told before, and has to be confirmed by a word", async () => {
  const values = sent(GOES);
  const user = draw(<RetentionCard days={null} off={false} />);
  await user.type(field(), "30");
  await user.click(save());
  const question = await screen.findByRole("alertdialog");
  expect(question.textContent).toContain("at least 200 sessions");
  expect(question.textContent).toContain("at least 12,345 events, 3 checkpoints");
  await user.click(screen.getByRole("button", { name: "Delete older logs" }));
  expect(values).toEqual([]);
  await user.type(screen.getByLabelText("Type “delete” to confirm"), "delete");
  await user.click(screen.getByRole("button", { name: "Delete older logs" }));
  await screen.findByText("Saved");
  expect(values).toEqual([30]);
});

test("where what goes can't be told, nothing is asked and nothing is done", async () => {
  const urls: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    urls.push(url);
    return Response.json({ code: "unavailable", detail: "Try again." }, { status: 503 });
  });
  const user = draw(<RetentionCard days={null} off={false} />);
  await user.type(field(), "30");
  await user.click(save());
  expect(await screen.findByText("Try again.")).toBeTruthy();
  expect(screen.queryByRole("alertdialog")).toBeNull();
  expect(urls).toEqual(["/api/v1/retention-preview?days=30"]);
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
