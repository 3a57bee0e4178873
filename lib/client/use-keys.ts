"use client";

import { useCallback, useEffect, useEffectEvent, useRef } from "react";

const LAYERS = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';

/** True where a layer is open that has keys of its own; a toast has some only while it has the focus. */
export const hasLayer = () =>
  [...document.querySelectorAll(LAYERS)].some(
    (layer) => !layer.matches("[data-toast]") || layer.contains(document.activeElement),
  );

/** True while an input method composes text: its keys are its own. Safari says so by the key code alone. */
// oxlint-disable-next-line typescript/no-deprecated -- nothing else tells in Safari
const isComposing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229;

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
      if (!event.defaultPrevented && !isComposing(event)) heard(event, layered);
    };
    window.addEventListener("keydown", before, { capture: true });
    window.addEventListener("keydown", after);
    return () => {
      window.removeEventListener("keydown", before, { capture: true });
      window.removeEventListener("keydown", after);
    };
  }, []);
}

/** Escape again, this soon after one that closed something, was meant for that too. */
const CLOSED_MS = 800;

/**
 * Tells an Escape that is free from one that follows too soon on another that closed something.
 * @returns to be called for each Escape that nothing had a use for; true where it may do more than close
 */
export function useFreeEscape(): () => boolean {
  const closedAt = useRef(Number.NEGATIVE_INFINITY);
  const before = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    // Whatever takes an Escape may keep it from the window, so each counts until it has come through.
    const note = ({ key, repeat }: KeyboardEvent) => {
      if (key !== "Escape" || repeat) return;
      before.current = closedAt.current;
      closedAt.current = performance.now();
    };
    window.addEventListener("keydown", note, { capture: true });
    return () => window.removeEventListener("keydown", note, { capture: true });
  }, []);
  return useCallback(() => {
    closedAt.current = before.current;
    return performance.now() - before.current >= CLOSED_MS;
  }, []);
}
