"use client";

import { localSetting } from "./local-setting.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const DARK = "(prefers-color-scheme: dark)";
const choice = localSetting<Theme>("studio-theme", {
  parse: (stored) => (stored === "light" || stored === "dark" ? stored : "system"),
  format: (theme) => (theme === "system" ? null : theme),
  shared: true,
});

/** Shows the page in the theme of this browser. */
export function showTheme(): void {
  const theme = choice.read();
  const dark = theme === "dark" || (theme === "system" && matchMedia(DARK).matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Keeps the choice in this browser and shows it; `/theme.js` does the same before the first paint, and follows the system. */
export function setTheme(theme: Theme): void {
  choice.write(theme);
  showTheme();
}

/** The choice of this browser, other tabs' included. */
export const useTheme = choice.use;
