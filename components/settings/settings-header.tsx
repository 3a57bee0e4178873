"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { crumbHereClass, PageTop } from "../ui/page-frame.tsx";
import { tabBarClass, tabClass } from "../ui/tabs.tsx";
import { SETTINGS_PAGES } from "./pages.ts";

/** Where one is in the settings, and where else one can go. */
export function SettingsHeader({ organization }: { organization: string }) {
  const path = usePathname();
  const here = SETTINGS_PAGES.find(({ href }) => path.startsWith(href));
  return (
    <>
      <PageTop above={[{ name: organization, hiddenOnPhone: true }, { name: "Settings" }]}>
        <span aria-current="page" className={crumbHereClass}>
          {here?.name}
        </span>
      </PageTop>
      <nav className={tabBarClass} aria-label="Settings">
        {SETTINGS_PAGES.map(({ href, name }) => (
          <Link
            key={href}
            className={tabClass}
            href={href}
            aria-current={here?.href === href ? "page" : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
    </>
  );
}
