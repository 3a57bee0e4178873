import type { ReactNode, Ref, UIEvent } from "react";

/** A box that scrolls, by keyboard too. */
export function ScrollRegion({
  label,
  className,
  ref,
  landmark = true,
  onScroll,
  children,
}: {
  label: string;
  className: string;
  ref?: Ref<HTMLElement>;
  /** Whether it is a place to jump to; false where there may be many with the same name. */
  landmark?: boolean;
  onScroll?: (event: UIEvent<HTMLElement>) => void;
  children: ReactNode;
}) {
  return (
    <section
      ref={ref}
      className={className}
      aria-label={label}
      role={landmark ? undefined : "group"}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys scroll only what has the focus
      tabIndex={0}
      onScroll={onScroll}
    >
      {children}
    </section>
  );
}
