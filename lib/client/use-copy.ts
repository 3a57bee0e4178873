"use client";

import { useState } from "react";

/** Copies a text. `copied` is undefined before, and false where the browser did not allow it. */
export function useCopy(): { copied: boolean | undefined; copy: (text: string) => Promise<boolean> } {
  const [copied, setCopied] = useState<boolean>();
  const copy = async (text: string) => {
    const done = await navigator.clipboard.writeText(text).then(
      () => true,
      (error: unknown) => {
        console.warn("The text cannot be copied", error);
        return false;
      },
    );
    setCopied(done);
    return done;
  };
  return { copied, copy };
}
