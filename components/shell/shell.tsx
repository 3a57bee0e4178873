"use client";

import { Tooltip } from "@base-ui/react/tooltip";
import { List, Terminal } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { initials } from "../../lib/client/format.ts";
import { Hint } from "../ui/hint.tsx";
import { AccountMenu, type Account } from "./account-menu.tsx";
import { ThemeMenu } from "./theme-menu.tsx";

const PLACES = [
  { href: "/studio", name: "Studio", Icon: Terminal },
  { href: "/sessions", name: "Sessions", Icon: List },
];

/** The frame of every page of a signed-in person. */
export function Shell({ account, children }: { account: Account; children: ReactNode }) {
  const path = usePathname();
  const here = path.startsWith("/studio") ? "/studio" : path;
  return (
    <Tooltip.Provider delay={400}>
      <div className="app">
        <nav className="nav" aria-label="Main">
          <span className="mark mt-1 mb-2 max-sm:hidden!" title={account.organization} aria-hidden="true">
            {initials(account.organization)}
          </span>
          {PLACES.map(({ href, name, Icon }) => (
            <Hint key={href} text={name} side="right">
              <Link
                className="nav-item"
                href={href}
                aria-label={name}
                aria-current={here === href ? "page" : undefined}
              >
                <Icon className="i" aria-hidden="true" />
              </Link>
            </Hint>
          ))}
          <div className="nav-space" />
          <ThemeMenu />
          <AccountMenu account={account} />
        </nav>
        {children}
      </div>
    </Tooltip.Provider>
  );
}
