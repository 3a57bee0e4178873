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

const FIELDS = 'input, textarea, select, [contenteditable="true"], [role="textbox"], .terminal';

const isWithin = (target: EventTarget | null, selector: string): boolean =>
  target instanceof Element && target.closest(selector) !== null;

/** True where what is typed goes into a field, or onto something with keys of its own. */
export const isTyping = (target: EventTarget | null): boolean =>
  isWithin(target, `${FIELDS}, [role="tree"], [role="dialog"], [role="alertdialog"]`);

/** True in the field where a message is written. */
export const isComposer = (target: EventTarget | null): boolean => isWithin(target, "[data-composer]");

/** True where Escape belongs to a field: the editor, a terminal, a search; the composer has no use for it. */
export const hasOwnEscape = (target: EventTarget | null): boolean =>
  isWithin(target, FIELDS) && !isComposer(target);
