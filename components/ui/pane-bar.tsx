import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const paneBarClass =
  "flex min-h-9 flex-none flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1 text-small";

/** The bar on top of a pane. */
export function PaneBar({ className, ...rest }: ComponentProps<"div">) {
  return <div {...rest} className={cn(paneBarClass, className)} />;
}
