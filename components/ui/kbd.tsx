import type { ReactNode } from "react";
import { cn } from "./cn.ts";

/**
 * A key as it is drawn on a keyboard. Within a colored button it takes the button's color.
 * @param isText it is read out, where nothing else says the key
 */
export function Kbd({
  children,
  className,
  isText = false,
}: {
  children: ReactNode;
  className?: string;
  isText?: boolean;
}) {
  return (
    <kbd
      className={cn(
        "inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-xs border border-b-2 border-line-strong bg-raised px-1 font-mono text-[11px] leading-none text-ink-2",
        "in-data-tinted:border-[color-mix(in_srgb,currentColor_45%,transparent)] in-data-tinted:bg-transparent in-data-tinted:text-inherit",
        className,
      )}
      aria-hidden={isText ? undefined : true}
    >
      {children}
    </kbd>
  );
}
