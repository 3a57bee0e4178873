"use client";

import { Dialog } from "@base-ui/react/dialog";
import { Command as Cmdk } from "cmdk";
import {
  CornerDownLeft,
  List,
  Monitor,
  Moon,
  Plus,
  Search,
  Settings,
  ShieldQuestion,
  Sun,
  Zap,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { usePageCommands } from "../../lib/client/commands.ts";
import { useLiveSessions } from "../../lib/client/live.tsx";
import { setTheme } from "../../lib/client/theme.ts";
import { useCommandKey } from "../../lib/client/use-browser.ts";
import { groupOf } from "../../lib/domain/session-filter.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { StatusChip } from "../ui/status-chip.tsx";

const MAX_SESSIONS = 50;
const NEW = "new session: ";
const ICON = "i i-sm text-ink-3";

const PAGES = [
  { href: "/studio", name: "New session", keywords: "studio start", keys: "C" },
  { href: "/sessions", name: "Sessions", keywords: "list history" },
  { href: "/settings/providers", name: "Providers", keywords: "settings keys models" },
  { href: "/settings/billing", name: "Billing", keywords: "settings credits usage cost" },
  { href: "/settings/members", name: "Members & roles", keywords: "settings people invite team" },
  { href: "/settings/api-keys", name: "API keys", keywords: "settings tokens" },
  { href: "/settings/audit", name: "Audit log", keywords: "settings history who changed" },
  { href: "/settings/account", name: "Account", keywords: "settings password" },
];

const THEMES = [
  { theme: "light", name: "Light theme", icon: <Sun className={ICON} aria-hidden="true" /> },
  { theme: "dark", name: "Dark theme", icon: <Moon className={ICON} aria-hidden="true" /> },
  { theme: "system", name: "System theme", icon: <Monitor className={ICON} aria-hidden="true" /> },
] as const;

function Item({
  value,
  keywords,
  icon,
  keys,
  note,
  onSelect,
  children,
}: {
  value: string;
  keywords?: string | undefined;
  icon: ReactNode;
  keys?: string | undefined;
  note?: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Cmdk.Item
      value={value}
      keywords={keywords === undefined ? [] : [keywords]}
      className="palette-item"
      onSelect={onSelect}
    >
      {icon}
      <span className="min-w-0 truncate">{children}</span>
      {note}
      {keys !== undefined && (
        <kbd className="kbd ml-auto" aria-hidden="true">
          {keys}
        </kbd>
      )}
    </Cmdk.Item>
  );
}

/** The organization's newest sessions: those that wait for a person first. */
function SessionItems({ onGo }: { onGo: (href: string) => void }) {
  const { sessions } = useLiveSessions({ sessions: [], hasMore: false }, MAX_SESSIONS);
  const waiting = sessions.filter((session) => groupOf(session) === "waiting");
  return (
    <>
      {waiting.length > 0 && (
        <Cmdk.Group heading="Needs you">
          {waiting.map((session) => (
            <Item
              key={session.id}
              value={`answer ${session.title} ${session.id}`}
              icon={<ShieldQuestion className="i i-sm text-warning" aria-hidden="true" />}
              onSelect={() => onGo(`/studio/${session.id}`)}
            >
              Answer: {session.title}
            </Item>
          ))}
        </Cmdk.Group>
      )}
      {sessions.length > 0 && (
        <Cmdk.Group heading="Sessions">
          {sessions.map((session) => (
            <Item
              key={session.id}
              value={`${session.title} ${session.id}`}
              icon={<List className={ICON} aria-hidden="true" />}
              note={
                <span className="ml-auto">
                  <StatusChip status={session.status} waitingFor={session.waitingFor} />
                </span>
              }
              onSelect={() => onGo(`/studio/${session.id}`)}
            >
              {session.title}
            </Item>
          ))}
        </Cmdk.Group>
      )}
    </>
  );
}

/** Search or run: sessions, places, what the page in front can do. With a leading `>`, only commands. */
export function Palette({
  open,
  onOpenChange,
  onShortcuts,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onShortcuts: () => void;
}) {
  const router = useRouter();
  const command = useCommandKey();
  const offered = usePageCommands();
  const [text, setText] = useState("");
  const only = text.startsWith(">");
  const wanted = (only ? text.slice(1) : text).trim();

  const act = (run: () => void) => {
    onOpenChange(false);
    setText("");
    // The dialog gives the focus back first.
    setTimeout(run);
  };
  const go = (href: string) => act(() => router.push(href));
  const start = () => go(`/studio${wanted === "" ? "" : `?text=${encodeURIComponent(wanted)}`}`);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    event.stopPropagation();
    start();
  };

  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-scrim z-40" />
        <Dialog.Popup className="palette z-50" aria-label="Search or run">
          <Cmdk
            label="Search or run"
            onKeyDown={onKeyDown}
            filter={(value, search, keywords) => score(`${value} ${keywords?.join(" ") ?? ""}`, search)}
          >
            <div className="palette-head">
              <Search className="i text-ink-3" aria-hidden="true" />
              <Cmdk.Input
                className="palette-input"
                placeholder="Search or run"
                value={text}
                onValueChange={setText}
              />
              <kbd className="kbd" aria-hidden="true">
                Esc
              </kbd>
            </div>
            <Cmdk.List className="palette-list" label="Results">
              <Cmdk.Empty className="px-4 py-3 text-ink-2">No results.</Cmdk.Empty>
              {!only && (
                <ErrorBoundary fallback={null}>
                  <SessionItems onGo={go} />
                </ErrorBoundary>
              )}
              {offered.length > 0 && (
                <Cmdk.Group heading="Here">
                  {offered.map((one) => (
                    <Item
                      key={one.id}
                      value={one.name}
                      keywords={one.keywords}
                      keys={one.keys}
                      icon={<Zap className={ICON} aria-hidden="true" />}
                      onSelect={() => act(one.run)}
                    >
                      {one.name}
                    </Item>
                  ))}
                </Cmdk.Group>
              )}
              {!only && (
                <Cmdk.Group heading="Go to">
                  {PAGES.map((place) => (
                    <Item
                      key={place.href}
                      value={place.name}
                      keywords={place.keywords}
                      keys={place.keys}
                      icon={
                        place.href.startsWith("/settings") ? (
                          <Settings className={ICON} aria-hidden="true" />
                        ) : (
                          <List className={ICON} aria-hidden="true" />
                        )
                      }
                      onSelect={() => go(place.href)}
                    >
                      {place.name}
                    </Item>
                  ))}
                </Cmdk.Group>
              )}
              <Cmdk.Group heading="Run">
                {wanted !== "" && !only && (
                  <Cmdk.Item value={`${NEW}${wanted}`} className="palette-item" onSelect={start}>
                    <Plus className={ICON} aria-hidden="true" />
                    <span className="min-w-0 truncate">New session: “{wanted}”</span>
                    <span className="ml-auto flex gap-1" aria-hidden="true">
                      <kbd className="kbd">{command}</kbd>
                      <kbd className="kbd">⏎</kbd>
                    </span>
                  </Cmdk.Item>
                )}
                {THEMES.map(({ theme, name, icon }) => (
                  <Item
                    key={theme}
                    value={name}
                    keywords="appearance colors"
                    icon={icon}
                    onSelect={() => act(() => setTheme(theme))}
                  >
                    {name}
                  </Item>
                ))}
                <Item
                  value="Keyboard shortcuts"
                  keywords="keys help"
                  keys="?"
                  icon={<Zap className={ICON} aria-hidden="true" />}
                  onSelect={() => act(onShortcuts)}
                >
                  Keyboard shortcuts
                </Item>
              </Cmdk.Group>
            </Cmdk.List>
            <div className="palette-foot" aria-hidden="true">
              <kbd className="kbd">↑</kbd>
              <kbd className="kbd">↓</kbd> move
              <kbd className="kbd ml-2">
                <CornerDownLeft className="i i-xs" />
              </kbd>{" "}
              open
              <span className="ml-auto flex items-center gap-1">
                <kbd className="kbd">&gt;</kbd> commands only
              </span>
            </div>
          </Cmdk>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** How well a line fits what is searched: it must have every word of it; words that begin so count more. */
function score(line: string, search: string): number {
  // Anything can be asked of a new session: it stands behind what is called so.
  if (line.startsWith(NEW)) return 0.01;
  const text = line.toLowerCase();
  const words = search.replace(/^>/, "").toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return 0;
  return words.every((word) => text.startsWith(word) || text.includes(` ${word}`)) ? 1 : 0.5;
}
