"use client";

import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "studio-theme";
export const DARK = "(prefers-color-scheme: dark)";
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

/** Shows the page in the theme of this browser. */
export function showTheme(): void {
  const theme = stored();
  const dark = theme === "dark" || (theme === "system" && matchMedia(DARK).matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** Keeps the choice in this browser and shows it; `/theme.js` does the same before the first paint, and follows the system. */
export function setTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch (error) {
    console.warn("The theme's choice cannot be kept", error);
  }
  showTheme();
}

/** The choice of this browser, other tabs' included. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, stored, () => "system");
}
