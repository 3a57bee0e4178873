"use client";

import { useEffect, useSyncExternalStore } from "react";

/** Something that the command palette can do. */
export interface Command {
  id: string;
  name: string;
  /** Further words that find it. */
  keywords?: string;
  /** Its keys, as they are shown. */
  keys?: string;
  run: () => void;
}

let all: readonly Command[] = [];
const pages = new Map<object, readonly Command[]>();
const listeners = new Set<() => void>();
const NONE: readonly Command[] = [];

function changed(): void {
  all = [...pages.values()].flat();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Offers a page's commands in the palette while the page is there. Keep the list the same between renders. */
export function useOfferedCommands(commands: readonly Command[]): void {
  useEffect(() => {
    const page = {};
    pages.set(page, commands);
    changed();
    return () => {
      pages.delete(page);
      changed();
    };
  }, [commands]);
}

/** What the page in front offers. */
export function usePageCommands(): readonly Command[] {
  return useSyncExternalStore(
    subscribe,
    () => all,
    () => NONE,
  );
}
