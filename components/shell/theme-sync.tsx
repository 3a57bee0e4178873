"use client";

import { useLayoutEffect } from "react";
import { DARK, showTheme } from "#client/theme.ts";

/**
 * Shows the page in the theme of this browser, and follows the system. `/theme.js` does the same before the first paint;
 * a page that is refused is drawn by the browser only, where scripts of the page's own text do not run.
 */
export function ThemeSync() {
  useLayoutEffect(() => {
    showTheme();
    const system = matchMedia(DARK);
    system.addEventListener("change", showTheme);
    return () => system.removeEventListener("change", showTheme);
  }, []);
  return null;
}
