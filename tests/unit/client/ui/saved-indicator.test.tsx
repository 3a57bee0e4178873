// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SavedIndicator } from "#components/session/saved-indicator.tsx";
import { SessionHeader } from "#components/session/session-header.tsx";
import { type Drafted, drawSession, stubBackend } from "./session.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ push: () => undefined }) }));
/** When the first event of a drawn session is; each further one is a second later. */
const BEGAN = Date.parse("2026-01-01T00:00:00Z");
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: BEGAN + 12_000 });
  stubBackend();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const SAVED: Drafted = [
  "checkpoint.created",
  {
    checkpoint_id: "c",
    cause: "turn",
    files: 3,
    workspace_bytes: 2_000,
    stored_bytes: 1,
    left_out: 1,
    left_out_paths: ["core"],
    duration_ms: 1,
  },
];
const FAILED: Drafted = ["checkpoint.failed", { error: "There's no room left.", retry_at: 1 }];
const isOchre = (element: HTMLElement) => element.className.includes("text-warning");

test("says how old what is saved is, and what it holds", async () => {
  drawSession([SAVED], <SavedIndicator />);
  const shown = await screen.findByTestId("saved");
  expect(shown.textContent).toBe("Saved 12 s ago, verified");
  expect(shown.title).toContain("3 files");
  expect(shown.title).toContain("1 left out: core");
  expect(isOchre(shown)).toBe(false);
});

test("turns ochre where more than two minutes of work are not saved, or the last try failed", async () => {
  vi.setSystemTime(BEGAN + 600_000);
  drawSession([SAVED], <SavedIndicator />, BEGAN + 121_000);
  expect(isOchre(await screen.findByTestId("saved"))).toBe(true);
});

test("stays calm where nothing has happened since, however long ago that is", async () => {
  vi.setSystemTime(BEGAN + 3_600_000);
  drawSession([SAVED], <SavedIndicator />, BEGAN + 100_000);
  expect(isOchre(await screen.findByTestId("saved"))).toBe(false);
});

test("a failure is named, after a checkpoint and without one", async () => {
  drawSession([SAVED, FAILED], <SavedIndicator />);
  const late = await screen.findByTestId("saved");
  expect([isOchre(late), late.title.includes("There's no room left.")]).toEqual([true, true]);
});

test("nothing saved at all is said as that", async () => {
  drawSession([FAILED], <SavedIndicator />);
  expect((await screen.findByTestId("saved")).textContent).toBe("Not saved");
});

test.each([
  [390, "Saved 12 s ago"],
  [1440, "Saved 12 s ago, verified"],
])("it is in sight at a width of %i pixels", async (width, text) => {
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: width <= Number(/max-width: (\d+)px/.exec(query)?.[1] ?? 0),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  drawSession([SAVED], <SessionHeader />);
  expect((await screen.findByTestId("saved")).textContent).toBe(text);
});
