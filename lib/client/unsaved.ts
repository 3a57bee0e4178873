"use client";

import { useEffect } from "react";

/** The parts of this page that have work which is neither sent nor saved. */
const parts = new Set<object>();

/** True where leaving the page would put work out of sight. */
export const hasUnsaved = (): boolean => parts.size > 0;

/** Notes that a part of the page has unsaved work: no single key leaves the page then. */
export function useUnsaved(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const part = {};
    parts.add(part);
    return () => {
      parts.delete(part);
    };
  }, [unsaved]);
}
