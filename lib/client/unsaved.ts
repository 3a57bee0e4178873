"use client";

import { useEffect } from "react";
import { flushDrafts } from "./draft.ts";

/** The parts of this page that have work which is neither sent nor saved. */
const parts = new Set<object>();

/** True where leaving the page would put work out of sight. */
export const hasUnsaved = (): boolean => parts.size > 0;

/** The browser asks before it unloads work that it could not store. */
function onBeforeUnload(event: BeforeUnloadEvent): void {
  if (!flushDrafts()) event.preventDefault();
}

/** Notes that a part of the page has unsaved work: no single key leaves the page then. */
export function useUnsaved(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const part = {};
    if (parts.size === 0) window.addEventListener("beforeunload", onBeforeUnload);
    parts.add(part);
    return () => {
      parts.delete(part);
      if (parts.size === 0) window.removeEventListener("beforeunload", onBeforeUnload);
    };
  }, [unsaved]);
}
