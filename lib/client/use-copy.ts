"use client";

import { useState } from "react";

/** Copies a text. `copied` is undefined before, and false where the browser did not allow it. */
export function useCopy(): { copied: boolean | undefined; copy: (text: string) => Promise<boolean> } {
  const [copied, setCopied] = useState<boolean>();
  const copy = async (text: string) => {
    let done = false;
    try {
      // Over plain HTTP a browser has no clipboard at all.
      await navigator.clipboard.writeText(text);
      done = true;
    } catch (error) {
      console.warn("The text cannot be copied", error);
    }
    setCopied(done);
    return done;
  };
  return { copied, copy };
}
