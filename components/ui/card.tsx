import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn.ts";

export const cardClass = "relative overflow-hidden rounded-md border border-line-strong bg-raised";

/** A box on the page. */
export function Card({ className, ...rest }: ComponentProps<"section">) {
  return <section {...rest} className={cn(cardClass, className)} />;
}

/** A card's name, and what stands beside it. */
export function CardHead({ id, title, children }: { id?: string; title: string; children?: ReactNode }) {
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-2.5 gap-y-1.5 border-b border-line px-3.5 py-[5px]">
      <h2 id={id} className="text-base">
        {title}
      </h2>
      {children}
    </div>
  );
}

/** Where there is nothing yet: what would be here, and what to do. */
export function Empty({
  title,
  children,
  actions,
  card = false,
  className,
  ...rest
}: {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
  /** In a card of its own. */
  card?: boolean;
  className?: string;
  "data-testid"?: string;
}) {
  return (
    <div
      {...rest}
      className={cn(card && cardClass, "grid justify-items-center gap-1.5 px-6 py-12 text-center", className)}
    >
      <h2 className="text-title">{title}</h2>
      <div className="max-w-[44ch] text-ink-2">{children}</div>
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
