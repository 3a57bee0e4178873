/** A ref that brings something into view when it appears. */
export function intoView(box: HTMLElement | null): void {
  // Newer browsers return a promise, which must not pass for the ref's end.
  box?.scrollIntoView({ block: "nearest" });
}

/** The same, and gives it the focus. */
export function focusIntoView(box: HTMLElement | null): void {
  box?.focus();
  intoView(box);
}

/** A ref that gives a field the focus when it appears. */
export const focusFirst = (field: HTMLElement | null): void => field?.focus();
