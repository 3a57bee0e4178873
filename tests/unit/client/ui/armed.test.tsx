// @vitest-environment happy-dom
import { act, fireEvent, render, screen } from "@testing-library/react";
import { useRef } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isAnotherHand, noteAnswer, useArmed } from "#client/armed.ts";

/** Tells an observer when its element comes into sight. */
let show: () => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(seen: (entries: { isIntersecting: boolean }[]) => void) {
        show = () => seen([{ isIntersecting: true }]);
      }
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  // The hand lets go, for the next test.
  fireEvent.pointerMove(window, { clientX: 900, clientY: 900 });
  for (const key of ["a", "A"]) fireEvent.keyUp(window, { key });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function Card({ name }: { name: string }) {
  const card = useRef<HTMLElement>(null);
  const armed = useArmed(card);
  return (
    <section ref={card} tabIndex={-1} aria-label={name}>
      {armed ? "takes an answer" : "not yet"}
    </section>
  );
}

const click = { detail: 1, clientX: 10, clientY: 10, pointerType: "mouse" };

test("PAGE-1: a card takes no answer until it was in sight for 600 ms", () => {
  render(<Card name="one" />);
  act(() => void vi.advanceTimersByTime(5_000));
  expect(screen.getByText("not yet")).toBeTruthy();
  act(() => {
    show();
    vi.advanceTimersByTime(599);
  });
  expect(screen.getByText("not yet")).toBeTruthy();
  act(() => void vi.advanceTimersByTime(1));
  expect(screen.getByText("takes an answer")).toBeTruthy();
});

test("PAGE-1: a pointer that lies still since an answer gives no other", () => {
  expect(isAnotherHand(click)).toBe(true);
  noteAnswer(click);
  expect(isAnotherHand(click)).toBe(false);
  fireEvent.pointerMove(window, { clientX: 11, clientY: 10 });
  expect(isAnotherHand(click)).toBe(false);
  fireEvent.pointerMove(window, { clientX: 16, clientY: 10 });
  expect(isAnotherHand(click)).toBe(true);
});

test("PAGE-1: a key that is still held gives no other answer", () => {
  noteAnswer({ key: "a" });
  expect(isAnotherHand({ key: "A" })).toBe(false);
  fireEvent.keyUp(window, { key: "a" });
  expect(isAnotherHand({ key: "A" })).toBe(true);
});

test("PAGE-1: a finger and an assistive click count once the card was seen", () => {
  noteAnswer({ ...click, pointerType: "touch" });
  expect(isAnotherHand({ ...click, pointerType: "touch" })).toBe(true);
  noteAnswer(click);
  expect(isAnotherHand({ ...click, detail: 0 })).toBe(true);
});

test("PAGE-1: after an answer the focus goes to the next card, but never out of a field in use", () => {
  noteAnswer(click);
  const { unmount } = render(<Card name="next" />);
  expect(document.activeElement).toBe(screen.getByLabelText("next"));
  unmount();
  render(<input aria-label="message" />);
  screen.getByLabelText("message").focus();
  render(<Card name="another" />);
  expect(document.activeElement).toBe(screen.getByLabelText("message"));
});
