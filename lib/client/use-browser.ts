"use client";

import { useCallback, useSyncExternalStore } from "react";

const never = () => () => undefined;

/** True where the media query holds; false while the server's page is taken over. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(query).matches,
    () => false,
  );
}

/** False while the server's page is taken over: what depends on the browser comes after. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}

/** Below this width there is one column, and approvals stand above the composer. */
export const NARROW = "(max-width: 639px)";

const isApple = () => /mac|iphone|ipad/i.test(navigator.platform);

/** The name of the key that goes with Enter to send: `⌘` or `Ctrl`. */
export function useCommandKey(): "⌘" | "Ctrl" {
  return useSyncExternalStore(never, isApple, () => false) ? "⌘" : "Ctrl";
}
