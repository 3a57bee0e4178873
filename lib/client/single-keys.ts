"use client";

import { localSetting } from "./local-setting.ts";

const choice = localSetting("studio-single-keys", {
  parse: (stored) => stored !== "off",
  format: (on) => (on ? null : "off"),
  shared: true,
});

/** Turns shortcuts of one key on or off in this browser (WCAG 2.1.4). */
export const setSingleKeys = choice.write;

/** Whether shortcuts of one key are on. */
export const useSingleKeys = choice.use;

/** True where what is typed goes into a field, or onto something with keys of its own. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable="true"], [role="tree"], [role="textbox"]') !==
      null
  );
}
