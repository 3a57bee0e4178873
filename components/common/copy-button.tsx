"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";

/** Copies a text. Where the browser does not allow it, the page says so and shows the text to be copied by hand. */
export function CopyButton({
  text,
  label,
  name = "Copy",
  small = false,
}: {
  text: string;
  /** What is copied, for those who do not see where the button stands. */
  label: string;
  name?: string;
  small?: boolean;
}) {
  const [copied, setCopied] = useState<boolean>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch (error) {
      console.warn("The text cannot be copied", error);
      setCopied(false);
    }
  };
  const Icon = copied ? Check : Copy;
  return (
    <>
      <button
        type="button"
        className={`btn ${small ? "btn-sm" : ""}`}
        aria-label={`${copied ? "Copied" : name}: ${label}`}
        onClick={() => void copy()}
      >
        <Icon className="i i-sm" aria-hidden="true" />
        {copied ? "Copied" : name}
      </button>
      <output className={copied === false ? "block basis-full text-small wrap-anywhere text-ink-2" : "sr"}>
        {copied === false && `Your browser blocked copying. Copy it by hand: ${text}`}
      </output>
    </>
  );
}
