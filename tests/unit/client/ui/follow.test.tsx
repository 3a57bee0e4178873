// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { act, useRef } from "react";
import { useFollow } from "#components/session/use-follow.ts";
import { useWindow } from "#components/session/use-window.ts";

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
  const { box, content, away, toEnd } = useFollow();
  return (
    <>
      <section ref={box} aria-label="box">
        <div ref={content}>{away ? "away" : "following"}</div>
      </section>
      <button type="button" onClick={toEnd}>
        send
      </button>
    </>
  );
}

function Rows({ count }: { count: number }) {
  const box = useRef<HTMLElement>(null);
  const { start } = useWindow(count, box);
  return (
    <section ref={box} aria-label="box">
      from {start}
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

test("PAGE-5: a scroll upward that is under way when a message is sent does not keep the reader from it", () => {
  vi.useFakeTimers();
  render(<Box />);
  const box = screen.getByRole("region", { name: "box" });
  lay(box, 2_000);
  box.scrollTop = 1_500;
  fireEvent.scroll(box);
  fireEvent.keyDown(box, { key: "Home" });
  box.scrollTop = 900;
  fireEvent.scroll(box);
  expect(screen.getByText("away")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "send" }));
  // What the browser draws of the scroll that the key began.
  box.scrollTop = 400;
  fireEvent.scroll(box);
  expect(box.scrollTop).toBe(2_000);
  expect(screen.getByText("following")).toBeTruthy();
  box.scrollTop = 1_500;
  fireEvent.scroll(box);
  // The next one is the reader's own again.
  fireEvent.wheel(box);
  box.scrollTop = 1_000;
  fireEvent.scroll(box);
  expect(box.scrollTop).toBe(1_000);
  expect(screen.getByText("away")).toBeTruthy();
});

test("PAGE-5: a way up that is taken back before it is drawn does not move the view later", () => {
  const { rerender } = render(<Rows count={150} />);
  const box = screen.getByRole("region", { name: "box" });
  lay(box, 9_000);
  Object.defineProperty(box, "scrollTo", {
    value: ({ top = 0 }: ScrollToOptions) => {
      box.scrollTop = top;
    },
  });
  box.scrollTop = 8_500;
  fireEvent.scroll(box);
  // Both come before React draws again.
  act(() => {
    box.scrollTop = 0;
    box.dispatchEvent(new Event("scroll"));
    box.scrollTop = 8_500;
    box.dispatchEvent(new Event("scroll"));
  });
  lay(box, 9_100);
  rerender(<Rows count={151} />);
  expect(box.textContent).toBe("from 51");
  expect(box.scrollTop).toBe(8_500);
});
