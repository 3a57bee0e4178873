"use client";

import { useEffect, useEffectEvent } from "react";

/** True where a layer is open that has keys of its own. */
export const hasLayer = () =>
  document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;

/** True where a key was pressed alone and once: no other key held, and not held itself. */
export const isPlainKey = (event: Pick<KeyboardEvent, "metaKey" | "ctrlKey" | "altKey" | "repeat">) =>
  !event.metaKey && !event.ctrlKey && !event.altKey && !event.repeat;

/**
 * Hears each key that nothing below has taken.
 * @param onKey gets whether a layer was open when the key was pressed: Escape has closed it by the time it comes here
 */
export function useKeys(onKey: (event: KeyboardEvent, layered: boolean) => void): void {
  const heard = useEffectEvent(onKey);
  useEffect(() => {
    let layered = false;
    const before = () => {
      layered = hasLayer();
    };
    const after = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && !event.isComposing) heard(event, layered);
    };
    window.addEventListener("keydown", before, { capture: true });
    window.addEventListener("keydown", after);
    return () => {
      window.removeEventListener("keydown", before, { capture: true });
      window.removeEventListener("keydown", after);
    };
  }, []);
}
