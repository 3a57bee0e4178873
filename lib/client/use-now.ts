"use client";

import { useCallback, useSyncExternalStore } from "react";

/**
 * The time, in steps of `everyMs`, as epoch milliseconds; null while the server's page is taken over,
 * since the two clocks differ.
 */
export function useNow(everyMs: number): number | null {
  const subscribe = useCallback(
    (tick: () => void) => {
      const timer = setInterval(tick, everyMs);
      return () => clearInterval(timer);
    },
    [everyMs],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / everyMs) * everyMs, serverNow);
}

const serverNow = () => null;
