import type { LucideIcon } from "lucide-react";
import { cn } from "./cn.ts";

const SIZES = { md: "size-4", sm: "size-3.5", xs: "size-3" };

/** A drawing of 16, 14 or 12 px. It goes beside words, or in a control with a name, so that it says nothing itself. */
export function Icon({
  as: Drawing,
  size = "md",
  className,
}: {
  as: LucideIcon;
  size?: keyof typeof SIZES;
  className?: string;
}) {
  return (
    <Drawing
      className={cn("flex-none", SIZES[size], className)}
      strokeWidth={size === "xs" ? 1.75 : 1.5}
      aria-hidden="true"
    />
  );
}
