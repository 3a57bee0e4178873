"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { settings as t } from "../../lib/client/messages/settings.ts";

const SECTIONS = [
  { href: "/settings/providers", name: t.providers },
  { href: "/settings/sessions", name: t.sessions },
  { href: "/settings/billing", name: t.billing },
  { href: "/settings/members", name: t.membersRoles },
  { href: "/settings/api-keys", name: t.apiKeys },
  { href: "/settings/audit", name: t.auditLog },
  { href: "/settings/account", name: t.account },
];

/** Where one is in the settings, and where else one can go. */
export function SettingsHeader({ organization }: { organization: string }) {
  const path = usePathname();
  const here = SECTIONS.find(({ href }) => path.startsWith(href));
  return (
    <>
      <header className="top">
        <nav className="crumbs" aria-label={t.breadcrumb}>
          <span className="max-sm:hidden">{organization}</span>
          <span className="max-sm:hidden" aria-hidden="true">
            /
          </span>
          <span>{t.settings}</span>
          <span aria-hidden="true">/</span>
          <span aria-current="page">{here?.name}</span>
        </nav>
      </header>
      <nav className="tabs" aria-label={t.settings}>
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
