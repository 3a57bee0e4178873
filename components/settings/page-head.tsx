import type { ReactNode } from "react";

/** A settings page's name, what it is about, and what one can do there. */
export function PageHead({
  title,
  children,
  actions,
}: {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
      <div>
        <h1 className="text-head">{title}</h1>
        <p className="mt-0.5 max-w-[68ch] text-ink-2">{children}</p>
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
