"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { intoView } from "../ui/bring-into-view.ts";
import { cn } from "../ui/cn.ts";
import { tabBarClass, tabClass } from "../ui/tabs.tsx";
import { SETTINGS_GROUPS } from "./pages.ts";

const columnClass =
  "two:h-auto two:w-48 two:flex-col two:gap-0 two:overflow-x-hidden two:overflow-y-auto two:border-r two:border-b-0 two:px-2 two:py-3";
const linkClass =
  "two:min-h-7 two:flex-none two:rounded-sm two:border-b-0 two:hover:bg-hover two:aria-[current=page]:bg-selected two:touch:min-h-11";

/** Where else one can go in the settings: a column by what the pages are about; a row where there is no room for one. */
export function SettingsNav() {
  const path = usePathname();
  return (
    <nav className={cn(tabBarClass, columnClass)} aria-label="Settings">
      {SETTINGS_GROUPS.map(({ name, pages }) => (
        <div key={name} className="group/section contents">
          <span className="hidden px-2 pt-4 pb-1 text-small text-ink-3 group-first/section:pt-0 two:block">
            {name}
          </span>
          {pages.map(({ href, name: page }) => {
            const isHere = path.startsWith(href);
            return (
              <Link
                key={href}
                // The row scrolls: where one is must be in it.
                ref={isHere ? intoView : undefined}
                className={cn(tabClass, linkClass)}
                href={href}
                aria-current={isHere ? "page" : undefined}
              >
                {page}
              </Link>
            );
          })}
        </div>
      ))}
    </nav>
  );
}
