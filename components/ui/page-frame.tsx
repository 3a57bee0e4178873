import type { ComponentProps, ReactNode } from "react";
import Link from "next/link";
import { cn } from "./cn.ts";

/** The page beside the main navigation. */
export function PageMain({ className, ...rest }: ComponentProps<"main">) {
  return <main {...rest} id="main" className={cn("flex min-h-0 min-w-0 flex-col bg-paper", className)} />;
}

export const pageTopClass =
  "flex min-h-11 flex-none items-center gap-2.5 border-b border-line bg-paper pr-3 pl-4 max-sm:min-h-13 max-sm:bg-desk max-sm:py-1 max-sm:pr-2 max-sm:pl-3";

interface Place {
  name: string;
  href?: string;
  /** There is no room for it. */
  hiddenOnPhone?: boolean;
}

/** Where one is: what is above, then the page's own name, which is the child. */
export function Crumbs({
  above,
  className,
  children,
}: {
  above: readonly Place[];
  className?: string;
  children: ReactNode;
}) {
  return (
    <nav
      className={cn("flex min-w-0 items-center gap-1.5 whitespace-nowrap text-ink-3", className)}
      aria-label="Breadcrumb"
    >
      {above.map(({ name, href, hiddenOnPhone = false }) => {
        const hidden = hiddenOnPhone ? "max-sm:hidden" : undefined;
        return [
          href === undefined ? (
            <span key={name} className={hidden}>
              {name}
            </span>
          ) : (
            <Link key={name} className={cn("hover:text-ink", hidden)} href={href}>
              {name}
            </Link>
          ),
          <span key={`${name}/`} className={hidden} aria-hidden="true">
            /
          </span>,
        ];
      })}
      {children}
    </nav>
  );
}

export const crumbHereClass = "overflow-hidden text-base font-semibold text-nowrap text-ellipsis text-ink";

/** The bar on top of a page: where one is, and at its end what one can do. */
export function PageTop({
  above,
  end,
  children,
}: {
  above: readonly Place[];
  end?: ReactNode;
  children: ReactNode;
}) {
  return (
    <header className={pageTopClass}>
      <Crumbs above={above}>{children}</Crumbs>
      {end}
    </header>
  );
}
