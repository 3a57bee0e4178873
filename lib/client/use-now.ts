"use client";

import { useCallback, useSyncExternalStore } from "react";
import { serverNow } from "./server-clock.ts";

/**
 * The time by the server's clock, as all that it is compared with, in steps of `everyMs`, as epoch milliseconds; null while the server's page is taken over,
 * since a page is older than what is drawn of it.
 */
export function useNow(everyMs: number): number | null {
  const subscribe = useCallback(
    (tick: () => void) => {
      const timer = setInterval(tick, everyMs);
      return () => clearInterval(timer);
    },
    [everyMs],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(serverNow() / everyMs) * everyMs, notYet);
}

const notYet = () => null;
