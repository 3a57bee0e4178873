"use client";

import { Dialog } from "@base-ui/react/dialog";
import { Command as Cmdk } from "cmdk";
import {
  Boxes,
  CornerDownLeft,
  Inbox,
  List,
  type LucideIcon,
  Play,
  Plus,
  Search,
  Settings,
  ShieldQuestion,
  Zap,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { usePageCommands } from "#client/commands.ts";
import { useLiveSessions } from "#client/live.tsx";
import { setTheme } from "#client/theme.ts";
import { useCommandKey } from "#client/use-browser.ts";
import { groupOf } from "#domain/session-filter.ts";
import { SECTIONS, VIEWS } from "../project/sections.ts";
import { SETTINGS_PAGES } from "../settings/pages.ts";
import { scrimClass } from "../ui/dialog.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { StatusChip } from "../ui/status-chip.tsx";
import { THEME_NAMES } from "./theme-menu.tsx";

const MAX_SESSIONS = 50;
const NEW = "new session: ";

const PAGES = [
  { href: "/studio", name: "New session", keywords: "studio start", keys: "C", icon: List },
  { href: "/sessions", name: "Sessions", keywords: "list history", keys: undefined, icon: List },
  {
    href: "/approvals",
    name: "Approvals",
    keywords: "inbox waiting requests allow deny",
    keys: undefined,
    icon: Inbox,
  },
  { href: "/runs", name: "Runs", keywords: "list failed cost rerun stop", keys: undefined, icon: Play },
  ...[...SECTIONS, ...VIEWS].map(({ path, name }) => ({
    href: `/project/development/${path}`,
    name: `Project: ${name}`,
    keywords: "definitions struere",
    keys: undefined,
    icon: Boxes,
  })),
  ...SETTINGS_PAGES.filter(({ href }) => href !== "/settings/sessions").map((page) => ({
    ...page,
    keys: undefined,
    icon: Settings,
  })),
];

const itemClass =
  "flex min-h-[34px] cursor-default items-center gap-2.5 rounded-sm px-2 py-0.5 data-[selected=true]:bg-selected max-sm:min-h-11";

function Item({
  value,
  keywords,
  icon,
  iconClass = "text-ink-3",
  keys,
  note,
  forceMount = false,
  onSelect,
  children,
}: {
  value: string;
  keywords?: string | undefined;
  icon: LucideIcon;
  iconClass?: string;
  keys?: string | undefined;
  note?: ReactNode;
  /** It is there whatever is searched. */
  forceMount?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Cmdk.Item
      value={value}
      keywords={keywords === undefined ? [] : [keywords]}
      className={itemClass}
      forceMount={forceMount}
      onSelect={onSelect}
    >
      <Icon as={icon} size="sm" className={iconClass} />
      <span className="min-w-0 truncate">{children}</span>
      {note}
      {keys !== undefined && <Kbd className="ml-auto">{keys}</Kbd>}
    </Cmdk.Item>
  );
}

/** The organization's newest sessions: those that wait for a person first. */
function SessionItems({ onGo }: { onGo: (href: string) => void }) {
  const { sessions, more } = useLiveSessions({ sessions: [], hasMore: false }, MAX_SESSIONS);
  const waiting = sessions.filter((session) => groupOf(session) === "waiting");
  return (
    <>
      {waiting.length > 0 && (
        <Cmdk.Group heading="Needs you">
          {waiting.map((session) => (
            <Item
              key={session.id}
              value={`answer ${session.title} ${session.id}`}
              icon={ShieldQuestion}
              iconClass="text-warning"
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
              icon={List}
              note={
                <span className="ml-auto">
                  <StatusChip
                    status={session.status}
                    waitingFor={session.waitingFor}
                    queuePlace={session.queuePlace}
                  />
                </span>
              }
              onSelect={() => onGo(`/studio/${session.id}`)}
            >
              {session.title}
            </Item>
          ))}
        </Cmdk.Group>
      )}
      {more !== "none" && (
        <Cmdk.Group forceMount>
          <Item forceMount value="search all sessions" icon={Search} onSelect={() => onGo("/sessions")}>
            Only the newest {sessions.length} sessions are searched here. Search all
          </Item>
        </Cmdk.Group>
      )}
    </>
  );
}

/** Search or run: sessions, places, what the page in front can do. With a leading `>`, only commands. */
export function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const router = useRouter();
  const command = useCommandKey();
  const offered = usePageCommands();
  const [text, setText] = useState("");
  const only = text.startsWith(">");
  const wanted = (only ? text.slice(1) : text).trim();

  const act = (run: () => void) => {
    onClose();
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
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={scrimClass} />
        <Dialog.Popup
          className="fixed inset-x-0 top-[15dvh] z-50 mx-auto w-[640px] max-w-[calc(100vw-24px)] overflow-hidden rounded-md border border-line-strong bg-raised shadow-(--lift) outline-0 max-sm:top-3"
          aria-label="Search or run"
        >
          <Cmdk
            label="Search or run"
            onKeyDown={onKeyDown}
            filter={(value, search, keywords) => score(`${value} ${keywords?.join(" ") ?? ""}`, search)}
          >
            <div className="flex min-h-12 items-center gap-2.5 border-b border-line px-4 focus-within:shadow-[inset_0_-2px_0_var(--focus)]">
              <Icon as={Search} className="text-ink-3" />
              <Cmdk.Input
                className="min-h-11 min-w-0 flex-1 bg-transparent text-read text-ink outline-0"
                placeholder="Search or run"
                value={text}
                onValueChange={setText}
              />
              <Kbd>Esc</Kbd>
            </div>
            <Cmdk.List
              className="max-h-[min(420px,56dvh)] overflow-auto px-1.5 pt-1 pb-2 **:[[cmdk-group-heading]]:px-2 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-[3px] **:[[cmdk-group-heading]]:text-micro **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-ink-3"
              label="Results"
            >
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
                      icon={Zap}
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
                      icon={place.icon}
                      onSelect={() => go(place.href)}
                    >
                      {place.name}
                    </Item>
                  ))}
                </Cmdk.Group>
              )}
              <Cmdk.Group heading="Run">
                {wanted !== "" && !only && (
                  <Cmdk.Item value={`${NEW}${wanted}`} className={itemClass} onSelect={start}>
                    <Icon as={Plus} size="sm" className="text-ink-3" />
                    <span className="min-w-0 truncate">New session: “{wanted}”</span>
                    <span className="ml-auto flex gap-1" aria-hidden="true">
                      <Kbd>{command}</Kbd>
                      <Kbd>⏎</Kbd>
                    </span>
                  </Cmdk.Item>
                )}
                {(["light", "dark", "system"] as const).map((theme) => (
                  <Item
                    key={theme}
                    value={`${THEME_NAMES[theme].name} theme`}
                    keywords="appearance colors"
                    icon={THEME_NAMES[theme].icon}
                    onSelect={() => act(() => setTheme(theme))}
                  >
                    {THEME_NAMES[theme].name} theme
                  </Item>
                ))}
                <Item
                  value="Keyboard shortcuts"
                  keywords="keys help"
                  keys="?"
                  icon={Zap}
                  onSelect={() => act(onShortcuts)}
                >
                  Keyboard shortcuts
                </Item>
              </Cmdk.Group>
            </Cmdk.List>
            <div
              className="flex min-h-[34px] items-center gap-1 border-t border-line bg-sunken px-4 text-small text-ink-2 max-sm:hidden"
              aria-hidden="true"
            >
              <Kbd>↑</Kbd>
              <Kbd>↓</Kbd> move
              <Kbd className="ml-2">
                <Icon as={CornerDownLeft} size="xs" />
              </Kbd>{" "}
              open
              <span className="ml-auto flex items-center gap-1">
                <Kbd>&gt;</Kbd> commands only
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
