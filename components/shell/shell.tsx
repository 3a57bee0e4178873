"use client";

import { claimDrafts } from "#client/draft.ts";
import { Tooltip } from "@base-ui/react/tooltip";
import {
  Boxes,
  Inbox,
  Keyboard,
  List,
  type LucideIcon,
  Play,
  Search,
  Settings,
  Terminal,
} from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ComponentType, type ReactNode, useState } from "react";
import { initials } from "#client/format.ts";
import { Bell } from "../notifications/bell.tsx";
import { cn } from "../ui/cn.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Hint } from "../ui/hint.tsx";
import { Icon } from "../ui/icon.tsx";
import { Mark } from "../ui/mark.tsx";
import { AccountMenu, type Account } from "./account-menu.tsx";
import { navIconClass, navItemClass } from "./nav-item.ts";
import { FrozenBanner } from "./frozen-banner.tsx";
import { NavBalance } from "./nav-balance.tsx";
import { NewVersionBanner } from "./new-version-banner.tsx";
import { OfflineBanner } from "./offline-banner.tsx";
import { type Layer, ShellKeys } from "./shell-keys.tsx";
import { SupportBanner } from "./support-banner.tsx";
import { ThemeMenu } from "./theme-menu.tsx";
import { Toasts } from "./toasts.tsx";
import { WaitingRequests, WaitingSessions } from "./waiting-count.tsx";

interface NavItem {
  href: string;
  name: string;
  icon: LucideIcon;
  /** How much of it waits for a person. */
  count?: ComponentType;
}

const NAV_ITEMS: readonly NavItem[] = [
  { href: "/studio", name: "Studio", icon: Terminal },
  { href: "/sessions", name: "Sessions", icon: List, count: WaitingSessions },
  { href: "/approvals", name: "Approvals", icon: Inbox, count: WaitingRequests },
  { href: "/runs", name: "Runs", icon: Play },
  { href: "/project", name: "Project", icon: Boxes },
];

const SETTINGS: NavItem = { href: "/settings", name: "Settings", icon: Settings };

function NavLink({
  href,
  name,
  icon,
  here,
  children,
}: Omit<NavItem, "count"> & { here: boolean; children?: ReactNode }) {
  return (
    <Hint text={name} side="right">
      <Link className={navItemClass} href={href} aria-current={here ? "page" : undefined}>
        <Icon as={icon} className={navIconClass} />
        <span className="sr-only">{name}</span>
        {children}
      </Link>
    </Hint>
  );
}

function NavButton({
  name,
  hint,
  icon,
  className,
  onClick,
}: {
  name: string;
  hint: string;
  icon: LucideIcon;
  className?: string;
  onClick: () => void;
}) {
  return (
    <Hint text={hint} side="right">
      <button type="button" className={cn(navItemClass, className)} aria-label={name} onClick={onClick}>
        <Icon as={icon} className={navIconClass} />
      </button>
    </Hint>
  );
}

/** The frame of every page of a signed-in person. */
export function Shell({ account, children }: { account: Account; children: ReactNode }) {
  const path = usePathname();
  const [layer, setLayer] = useState<Layer>(null);
  // Before any part below looks for what it has kept.
  useState(() => claimDrafts(account.email));
  const here =
    ["/studio", "/settings", "/sessions", "/project"].find((item) => path.startsWith(item)) ?? path;
  return (
    <Tooltip.Provider delay={400}>
      <div className="flex h-dvh flex-col">
        <OfflineBanner />
        <NewVersionBanner />
        <FrozenBanner />
        <SupportBanner />
        <div className="grid min-h-0 flex-1 grid-cols-[48px_minmax(0,1fr)] overflow-hidden max-sm:grid-cols-[minmax(0,1fr)] max-sm:grid-rows-[minmax(0,1fr)_auto]">
          <nav
            className="flex min-h-0 flex-col items-center gap-0.5 border-r border-line bg-desk px-1.5 py-2 max-sm:order-1 max-sm:flex-row max-sm:justify-around max-sm:border-t max-sm:border-r-0 max-sm:px-2 max-sm:py-0.5"
            aria-label="Main"
          >
            <Mark className="mt-1 mb-2 max-sm:hidden" title={account.organization}>
              {initials(account.organization)}
            </Mark>
            <NavButton
              name="Search or run"
              hint="Search or run (⌘K, Ctrl K)"
              icon={Search}
              onClick={() => setLayer("palette")}
            />
            {NAV_ITEMS.map(({ count: Waiting, ...item }) => (
              <NavLink key={item.href} {...item} here={here === item.href}>
                {Waiting && (
                  <ErrorBoundary fallback={null}>
                    <Waiting />
                  </ErrorBoundary>
                )}
              </NavLink>
            ))}
            <ErrorBoundary fallback={null}>
              <Bell me={{ name: account.name, role: account.role, userId: account.userId }} />
            </ErrorBoundary>
            <div className="flex-1 max-sm:hidden" />
            {account.role !== "viewer" && (
              <ErrorBoundary fallback={null}>
                <NavBalance />
              </ErrorBoundary>
            )}
            <NavButton
              name="Keyboard shortcuts"
              hint="Keyboard shortcuts (?)"
              icon={Keyboard}
              className="max-sm:hidden"
              onClick={() => setLayer("shortcuts")}
            />
            <NavLink {...SETTINGS} here={here === SETTINGS.href} />
            <ThemeMenu />
            <AccountMenu account={account} />
          </nav>
          {children}
        </div>
      </div>
      <ShellKeys layer={layer} onLayer={setLayer} />
      <Toasts />
    </Tooltip.Provider>
  );
}
