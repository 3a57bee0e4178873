"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PageMain, PageTop, crumbHereClass } from "../ui/page-frame.tsx";

const PAGES = [
  { href: "/operator", name: "Overview" },
  { href: "/operator/organizations", name: "Organizations" },
  { href: "/operator/audit", name: "Audit" },
];

/** The frame of the operator's console, which is no organization's. @param by the operator's address */
export function OperatorFrame({ by, children }: { by: string; children: ReactNode }) {
  const path = usePathname();
  const isHere = (href: string) => (href === "/operator" ? path === href : path.startsWith(href));
  return (
    <PageMain className="h-dvh">
      <PageTop
        above={[{ name: "Studio", href: "/studio" }]}
        end={<span className="ml-auto text-small text-ink-3">{by}</span>}
      >
        <span className={crumbHereClass}>Operator</span>
      </PageTop>
      <div className="min-h-0 flex-1 overflow-y-auto px-6 py-5 max-sm:px-3">
        <nav className="mb-4 flex gap-4" aria-label="Operator">
          {PAGES.map(({ href, name }) => (
            <Link key={href} className="link" href={href} aria-current={isHere(href) ? "page" : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        {children}
      </div>
    </PageMain>
  );
}
