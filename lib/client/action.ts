"use client";

import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { type ApiError, asApiError } from "./api.ts";

/** What failed, in words, why, and how to try the same again. */
export interface Failure {
  title: string;
  error: ApiError;
  retry: () => void;
}

/** Something that a person does, and how it stands. */
export interface Action<Args extends unknown[]> {
  /** Starts it; nothing happens while it is under way. */
  run: (...args: Args) => void;
  pending: boolean;
  /** What it was started with last. */
  args: Args | undefined;
  failure: Failure | undefined;
  /** True from when it succeeded until it is started again. */
  done: boolean;
  /** Forgets how it ended. */
  reset: () => void;
}

/**
 * An action with its states. A second press while it is under way does nothing, however fast it comes.
 * @param act does it; where it leads to another page, it returns `leaveFor(…)`, which keeps it pending until then
 * @param failed what a failure is called: "Couldn't save the key"
 */
export function useAction<Args extends unknown[]>(
  act: (...args: Args) => Promise<unknown>,
  failed: string | ((...args: Args) => string),
): Action<Args> {
  // React knows of a press only with the next render, and a second one can come before.
  const started = useRef(false);
  const { mutate, variables, error, status, reset } = useMutation<unknown, Error, Args>({
    mutationFn: async (args) => {
      try {
        return await act(...args);
      } finally {
        started.current = false;
      }
    },
  });
  const run = (...args: Args) => {
    if (started.current) return;
    started.current = true;
    mutate(args);
  };
  return {
    run,
    pending: status === "pending",
    args: variables,
    failure:
      error && variables
        ? {
            title: typeof failed === "string" ? failed : failed(...variables),
            error: asApiError(error),
            retry: () => run(...variables),
          }
        : undefined,
    done: status === "success",
    // What is under way ends by itself: forgotten now, nobody would hear how.
    reset: () => {
      if (!started.current) reset();
    },
  };
}
