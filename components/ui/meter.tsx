import { cn } from "./cn.ts";
import { TONES } from "./tones.ts";

export const meterClass =
  "relative flex h-1.5 overflow-hidden rounded-[1px] bg-neutral-soft inset-ring inset-ring-line forced-colors:border";

/** How much of something is used up; the words stand beside it. A warning from 80 %, a danger at 100 %. */
export function Meter({
  label,
  value,
  max,
  valueText,
  className = "",
}: {
  label: string;
  value: number;
  max: number;
  /** What a screen reader says for the value: `$0.41 of $2.00`. */
  valueText: string;
  className?: string;
}) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 1;
  const tone = share >= 1 ? TONES.danger : share >= 0.8 ? TONES.warning : TONES.accent;
  return (
    <span
      className={cn(meterClass, tone, className)}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- browsers draw a meter of their own, each another one
      role="meter"
      aria-label={label}
      aria-valuenow={Math.min(value, max)}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuetext={valueText}
    >
      <span className="block h-full bg-(--c-fill)" style={{ width: `${share * 100}%` }} />
    </span>
  );
}
