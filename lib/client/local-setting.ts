"use client";

import { useSyncExternalStore } from "react";

/**
 * A choice that this browser keeps; where it cannot be stored it holds for this page.
 * @param given `parse`: the choice as it was stored, null where nothing was; `format`: what is stored of a choice, null
 * for nothing; `shared`: what another tab chooses holds here, too
 */
export function localSetting<T>(
  key: string,
  given: { parse: (stored: string | null) => T; format: (value: T) => string | null; shared: boolean },
) {
  const listeners = new Set<() => void>();
  let known: { stored: string | null; value: T } | undefined;
  let isKept = true;

  const stored = (): string | null => {
    try {
      return localStorage.getItem(key);
    } catch {
      return known?.stored ?? null;
    }
  };
  const read = (): T => {
    if (known && !(given.shared && isKept)) return known.value;
    const now = stored();
    // The same object as before, unless it has changed.
    if (known?.stored !== now || !known) known = { stored: now, value: given.parse(now) };
    return known.value;
  };
  const write = (value: T): void => {
    const text = given.format(value);
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch (error) {
      isKept = false;
      console.warn("The choice cannot be kept", error);
    }
    known = { stored: text, value };
    for (const listener of listeners) listener();
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    if (given.shared) window.addEventListener("storage", listener);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("storage", listener);
    };
  };
  const initial = given.parse(null);
  /** The choice; what it is without one while the server's page is taken over. */
  const use = (): T => useSyncExternalStore(subscribe, read, () => initial);
  return { read, write, use };
}
