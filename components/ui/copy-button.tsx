"use client";

import { Check, Copy } from "lucide-react";
import { useCopy } from "#client/use-copy.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** Copies a text. Where the browser does not allow it, the page says so and shows the text to be copied by hand. */
export function CopyButton({
  text,
  label,
  name = "Copy",
  small = false,
  quiet = false,
  className,
}: {
  text: string;
  /** What is copied, for those who do not see where the button stands. */
  label: string;
  name?: string;
  small?: boolean;
  quiet?: boolean;
  className?: string;
}) {
  const { copied, copy } = useCopy();
  return (
    <>
      <Button
        look={quiet ? "quiet" : "plain"}
        size={small ? "sm" : "md"}
        {...(className !== undefined && { className })}
        aria-label={`${copied ? "Copied" : name}: ${label}`}
        onClick={() => void copy(text)}
      >
        <Icon as={copied ? Check : Copy} size="sm" />
        {copied ? "Copied" : name}
      </Button>
      <output
        className={copied === false ? "block basis-full text-small wrap-anywhere text-ink-2" : "sr-only"}
      >
        {copied === false && `Your browser blocked copying. Copy it by hand: ${text}`}
      </output>
    </>
  );
}
