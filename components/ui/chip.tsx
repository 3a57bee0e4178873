import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { Glyph, type GlyphName } from "./glyph.tsx";
import { type ColorRole, TONES } from "./tones.ts";

/** A state in shape, word and color. */
export function Chip({
  tone = "neutral",
  glyph,
  className,
  children,
  ...rest
}: {
  tone?: ColorRole;
  glyph?: GlyphName;
  className?: string;
  children: ReactNode;
  "data-testid"?: string | undefined;
  "data-status"?: string;
}) {
  return (
    <span
      {...rest}
      className={cn(
        "inline-flex h-5 items-center gap-[5px] rounded-xs bg-(--c-soft) pr-[7px] pl-1.5 align-middle text-small leading-none font-medium whitespace-nowrap text-(--c) forced-colors:border",
        TONES[tone],
        className,
      )}
    >
      {glyph && <Glyph name={glyph} />}
      {children}
    </span>
  );
}

/** A word of a machine's: a scope, a state of the queue. */
export function Tag({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <span
      className="inline-flex h-[18px] items-center gap-1 rounded-xs border border-line-strong px-[5px] align-middle font-mono text-[11px] leading-none whitespace-nowrap text-ink-2"
      title={title}
    >
      {children}
    </span>
  );
}

/** How many there are; `urgent` where they wait for a person. */
export function Count({
  urgent = false,
  className,
  children,
}: {
  urgent?: boolean | undefined;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        "ml-1.5 inline-flex h-4 min-w-[18px] items-center justify-center rounded-xs bg-neutral-soft px-1 font-mono text-[11px] leading-none text-ink-2",
        urgent && "bg-warning-soft text-warning",
        className,
      )}
    >
      {children}
    </span>
  );
}
