"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

const SECTIONS = [
  { href: "/settings/providers", name: "Providers" },
  { href: "/settings/sessions", name: "Sessions" },
  { href: "/settings/billing", name: "Billing" },
  { href: "/settings/members", name: "Members & roles" },
  { href: "/settings/api-keys", name: "API keys" },
  { href: "/settings/audit", name: "Audit log" },
  { href: "/settings/account", name: "Account" },
];

/** Where one is in the settings, and where else one can go. */
export function SettingsHeader({ organization }: { organization: string }) {
  const path = usePathname();
  const here = SECTIONS.find(({ href }) => path.startsWith(href));
  return (
    <>
      <header className="top">
        <nav className="crumbs" aria-label="Breadcrumb">
          <span className="max-sm:hidden">{organization}</span>
          <span className="max-sm:hidden" aria-hidden="true">
            /
          </span>
          <span>Settings</span>
          <span aria-hidden="true">/</span>
          <span aria-current="page">{here?.name}</span>
        </nav>
      </header>
      <nav className="tabs" aria-label="Settings">
        {SECTIONS.map(({ href, name }) => (
          <Link
            key={href}
            className="tab"
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
