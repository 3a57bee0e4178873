import { cn } from "./cn.ts";
import { Glyph, type GlyphName } from "./glyph.tsx";

export const segmentsClass =
  "inline-flex rounded-sm border border-line-strong bg-sunken p-px forced-colors:border";
export const segmentClass =
  "inline-flex min-h-6 items-center gap-1.5 rounded-[3px] px-[9px] font-medium whitespace-nowrap text-ink-2 hover:text-ink aria-pressed:bg-raised aria-pressed:text-ink aria-pressed:ring aria-pressed:ring-line-strong touch:min-h-11 touch:min-w-11 forced-colors:aria-pressed:outline-2";

/** A few choices beside each other, one of them on. */
export function Segments<T>({
  label,
  value,
  items,
  onChange,
  className,
  itemClass,
}: {
  label: string;
  value: T;
  items: readonly { value: T; name: string; glyph?: GlyphName; glyphClass?: string }[];
  onChange: (value: T) => void;
  className?: string;
  itemClass?: string;
}) {
  return (
    <fieldset className={cn(segmentsClass, className)} aria-label={label}>
      {items.map((item) => (
        <button
          key={item.name}
          type="button"
          className={cn(segmentClass, itemClass)}
          aria-pressed={item.value === value}
          onClick={() => onChange(item.value)}
        >
          {item.glyph && <Glyph name={item.glyph} className={item.glyphClass ?? ""} />}
          {item.name}
        </button>
      ))}
    </fieldset>
  );
}
