import { cn } from "./cn.ts";

/** The letters of a name, in a filled square. They are drawn, not written: the name stands beside them. */
export function Mark({
  title,
  className,
  children,
}: {
  title?: string;
  className?: string;
  children: string;
}) {
  return (
    <span
      className={cn(
        "grid size-6 flex-none place-items-center rounded-xs bg-ink font-mono text-[11px] leading-none font-semibold text-ink-inverse",
        className,
      )}
      title={title}
      aria-hidden="true"
    >
      {children}
    </span>
  );
}
