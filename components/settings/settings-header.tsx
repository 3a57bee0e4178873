"use client";

import { usePathname } from "next/navigation";
import { crumbHereClass, PageTop } from "../ui/page-frame.tsx";
import { SETTINGS_PAGES } from "./pages.ts";

/** Where one is in the settings. */
export function SettingsHeader({ organization }: { organization: string }) {
  const path = usePathname();
  return (
    <PageTop above={[{ name: organization, hiddenOnPhone: true }, { name: "Settings" }]}>
      <span aria-current="page" className={crumbHereClass}>
        {SETTINGS_PAGES.find(({ href }) => path.startsWith(href))?.name}
      </span>
    </PageTop>
  );
}
