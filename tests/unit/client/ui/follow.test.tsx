// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useFollow } from "#components/session/use-follow.ts";

/** Tells the hook that a size has changed. */
let resized: () => void;

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(changed: () => void) {
        resized = changed;
      }
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function Box() {
  const { box, content, away } = useFollow();
  return (
    <section ref={box} aria-label="box">
      <div ref={content}>{away ? "away" : "following"}</div>
    </section>
  );
}

/** The box as it is laid out: `height` of its content, 500 in view. */
function lay(box: HTMLElement, height: number) {
  Object.defineProperty(box, "clientHeight", { value: 500, configurable: true });
  Object.defineProperty(box, "scrollHeight", { value: height, configurable: true });
}

test("PAGE-5: content that shrinks and grows within a frame does not end the following", () => {
  vi.useFakeTimers();
  render(<Box />);
  const box = screen.getByRole("region", { name: "box" });
  lay(box, 2_000);
  box.scrollTop = 1_500;
  fireEvent.scroll(box);
  // An entry went, the browser moved the view up with it, and a longer one came.
  box.scrollTop = 1_460;
  lay(box, 2_167);
  fireEvent.scroll(box);
  expect(screen.getByText("following")).toBeTruthy();
  resized();
  expect(box.scrollTop).toBe(2_167);
});

test("PAGE-5: a reader who goes up leaves the end, although it grows meanwhile, and comes back to it", () => {
  render(<Box />);
  const box = screen.getByRole("region", { name: "box" });
  lay(box, 2_000);
  box.scrollTop = 1_500;
  fireEvent.scroll(box);
  fireEvent.wheel(box);
  box.scrollTop = 1_300;
  lay(box, 2_100);
  fireEvent.scroll(box);
  expect(screen.getByText("away")).toBeTruthy();
  resized();
  expect(box.scrollTop).toBe(1_300);
  box.scrollTop = 1_600;
  fireEvent.scroll(box);
  expect(screen.getByText("following")).toBeTruthy();
});
