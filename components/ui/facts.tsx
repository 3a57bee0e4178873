import type { ReactNode } from "react";

/** Facts below each other, each with its name. */
export function Facts({ className = "", children }: { className?: string; children: ReactNode }) {
  return (
    <dl className={`grid content-start gap-x-6 gap-y-1 text-[length:var(--text-small)] ${className}`}>
      {children}
    </dl>
  );
}

/** One fact: its name, and what it is. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[96px_minmax(0,1fr)] gap-2">
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}
