"use client";

import { useSyncExternalStore } from "react";

const KEY = "studio-single-keys";
const listeners = new Set<() => void>();

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** Turns shortcuts of one key on or off in this browser (WCAG 2.1.4). */
export function setSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "off");
  } catch (error) {
    console.warn("The choice cannot be kept", error);
  }
  for (const listener of listeners) listener();
}

/** Whether shortcuts of one key are on. */
export function useSingleKeys(): boolean {
  return useSyncExternalStore(subscribe, read, () => true);
}

/** True where what is typed goes into a field, or onto something with keys of its own. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable="true"], [role="tree"], [role="textbox"]') !==
      null
  );
}
