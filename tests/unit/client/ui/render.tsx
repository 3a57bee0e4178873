import { cleanup, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { afterEach } from "vitest";
import { LocaleProvider } from "#client/locale.tsx";
import { Queries } from "#client/queries.tsx";

afterEach(cleanup);

/** Draws something as the root layout does, for a person who presses and types. */
export function draw(element: ReactElement) {
  render(
    <LocaleProvider locale="en-US">
      <Queries>{element}</Queries>
    </LocaleProvider>,
  );
  return userEvent.setup();
}

/** A request that is answered when the test says so; `calls` is what each was made with. */
export function request<Args extends unknown[] = []>() {
  const calls: Args[] = [];
  let answer: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  const send = async (...args: Args) => {
    calls.push(args);
    await new Promise<void>((resolve, reject) => (answer = { resolve, reject }));
  };
  return {
    calls,
    send,
    succeed: () => answer?.resolve(),
    fail: (error: unknown) => answer?.reject(error),
  };
}
