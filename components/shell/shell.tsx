"use client";

import { Tooltip } from "@base-ui/react/tooltip";
import { Keyboard, List, type LucideIcon, Search, Settings, Terminal } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useState } from "react";
import { initials } from "../../lib/client/format.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Hint } from "../ui/hint.tsx";
import { AccountMenu, type Account } from "./account-menu.tsx";
import { OfflineBanner } from "./offline-banner.tsx";
import { type Layer, ShellKeys } from "./shell-keys.tsx";
import { ThemeMenu } from "./theme-menu.tsx";
import { Toasts } from "./toasts.tsx";
import { WaitingCount } from "./waiting-count.tsx";

interface NavItem {
  href: string;
  name: string;
  Icon: LucideIcon;
}

const NAV_ITEMS: readonly NavItem[] = [
  { href: "/studio", name: "Studio", Icon: Terminal },
  { href: "/sessions", name: "Sessions", Icon: List },
];

const SETTINGS: NavItem = { href: "/settings", name: "Settings", Icon: Settings };

function NavLink({ href, name, Icon, here, children }: NavItem & { here: boolean; children?: ReactNode }) {
  return (
    <Hint text={name} side="right">
      <Link className="nav-item" href={href} aria-current={here ? "page" : undefined}>
        <Icon className="i" aria-hidden="true" />
        <span className="sr">{name}</span>
        {children}
      </Link>
    </Hint>
  );
}

/** The frame of every page of a signed-in person. */
export function Shell({ account, children }: { account: Account; children: ReactNode }) {
  const path = usePathname();
  const [layer, setLayer] = useState<Layer>(null);
  const here = ["/studio", "/settings"].find((item) => path.startsWith(item)) ?? path;
  return (
    <Tooltip.Provider delay={400}>
      <OfflineBanner />
      <div className="app">
        <nav className="nav" aria-label="Main">
          <span className="mark mt-1 mb-2 max-sm:hidden!" title={account.organization} aria-hidden="true">
            {initials(account.organization)}
          </span>
          <Hint text="Search or run (⌘K, Ctrl K)" side="right">
            <button
              type="button"
              className="nav-item"
              aria-label="Search or run"
              onClick={() => setLayer("palette")}
            >
              <Search className="i" aria-hidden="true" />
            </button>
          </Hint>
          {NAV_ITEMS.map((item) => (
            <NavLink key={item.href} {...item} here={here === item.href}>
              {item.href === "/sessions" && (
                <ErrorBoundary fallback={null}>
                  <WaitingCount />
                </ErrorBoundary>
              )}
            </NavLink>
          ))}
          <div className="nav-space" />
          <Hint text="Keyboard shortcuts (?)" side="right">
            <button
              type="button"
              className="nav-item max-sm:hidden!"
              aria-label="Keyboard shortcuts"
              onClick={() => setLayer("shortcuts")}
            >
              <Keyboard className="i" aria-hidden="true" />
            </button>
          </Hint>
          <NavLink {...SETTINGS} here={here === SETTINGS.href} />
          <ThemeMenu />
          <AccountMenu account={account} />
        </nav>
        {children}
      </div>
      <ShellKeys layer={layer} onLayer={setLayer} />
      <Toasts />
    </Tooltip.Provider>
  );
}
