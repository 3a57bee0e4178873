"use client";

import {
  createContext,
  type ReactNode,
  type RefObject,
  use,
  useCallback,
  useMemo,
  useRef,
  useState,
} from "react";
import { type Action, useAction } from "#client/action.ts";
import { cancelRun, stopSession } from "#client/api.ts";
import { type Entry, entriesOf, openCards } from "#client/entries.ts";
import { serverNow } from "#client/server-clock.ts";
import type { Sending } from "#client/sending.ts";
import type { LogSnapshot } from "#client/session-log.ts";
import { type LiveSession, useSession } from "#client/use-session.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Session } from "#domain/session.ts";
import type { RewindAsk } from "./rewind-dialog.tsx";
import { type Outbox, useOutbox } from "./use-outbox.ts";
import { type Interrupt, useInterrupt } from "./use-interrupt.ts";
import { type Panels, usePanels } from "./use-panels.ts";

/** What the reader may not do here, and why; undefined where they may. */
export interface DisabledReasons {
  drive: string | undefined;
  approve: string | undefined;
  network: string | undefined;
  /** Raising a monthly limit. */
  limit?: string | undefined;
  /** Changing the project's environment by what a session has made. */
  push?: string | undefined;
  /** Starting a session of one's own from this one. */
  branch?: string | undefined;
}

/** What a session's page is opened with; it does not change while it is open. */
interface Opened {
  session: Session;
  me: string;
  disabledReason: DisabledReasons;
}

/** A message that goes back to where it is written. */
export interface Returned {
  text: string;
  copy?: Sending | undefined;
  /** Secrets in it are hidden: it cannot be sent as it is. */
  masked?: boolean;
}

/** A session as it happens, and what the parts of its page share. */
export interface SessionState extends LiveSession {
  title: string;
  /** It can still be worked with. */
  live: boolean;
  /** What it may cost now, micro-USD; null where there is no cap. */
  cap: number | null;
  entries: readonly Entry[];
  /** The first card that waits for a person. */
  waiting: Entry | undefined;
  /** Its element, where it is drawn. */
  card: RefObject<HTMLElement | null>;
  /** Brings it into view, with the focus. */
  showCard: () => void;
  panels: Panels;
  /** The layer or bar that is open. */
  layer: "find" | "rename" | "end" | null;
  setLayer: (layer: "find" | "rename" | "end" | null) => void;
  /** What the reader is asked before the session goes back. */
  rewinding: RewindAsk | undefined;
  setRewinding: (ask: RewindAsk | undefined) => void;
  outbox: Outbox;
  /** A message that was not sent, which goes back to where it is written. */
  returned: Returned | undefined;
  /** Puts a message back there. */
  takeBack: (message: Returned) => void;
  /** Stops the run at work. */
  interrupt: Interrupt;
  /** Ends the session. */
  end: Action<[]>;
  removeFromQueue: Action<[runId: string]>;
  /** When somebody here last kept the session from stopping, epoch milliseconds. */
  keptAt: number;
  kept: () => void;
}

const OpenedContext = createContext<Opened | null>(null);
const StateContext = createContext<SessionState | null>(null);

function within<T>(found: T | null): T {
  if (found === null) throw new Error("This part needs a SessionProvider around it");
  return found;
}

/** What the page was opened with: the same as long as it is open. */
export const useOpened = (): Opened => within(use(OpenedContext));
/** The session as it is now: new with each frame in which something came. */
export const useSessionState = (): SessionState => within(use(StateContext));

/** What cards of a session need that are shown outside of its page. */
export function OpenedElsewhere({ children, ...opened }: Opened & { children: ReactNode }) {
  return <OpenedContext value={opened}>{children}</OpenedContext>;
}

/** Follows a session for everything inside. */
export function SessionProvider({
  initial,
  children,
  ...opened
}: Opened & { initial: LogSnapshot; children: ReactNode }) {
  const { session } = opened;
  const followed = useSession(session.id, initial);
  const { view } = followed;
  const panels = usePanels(view);
  const { show } = panels;
  const card = useRef<HTMLElement>(null);
  const [layer, setLayer] = useState<SessionState["layer"]>(null);
  const [rewinding, setRewinding] = useState<RewindAsk>();
  const [keptAt, setKeptAt] = useState(0);
  const entries = useMemo(() => entriesOf(view), [view]);
  const [returned, setReturned] = useState<SessionState["returned"]>();
  const outbox = useOutbox(session.id, view, (text, copy) => setReturned({ text, copy }));
  const interrupt = useInterrupt(session.id, view);
  const end = useAction(async () => await stopSession(session.id), "Couldn't end the session");
  const removeFromQueue = useAction(
    async (runId: string) => await cancelRun(session.id, runId),
    "Couldn't remove the message from the queue",
  );
  const showCard = useCallback(() => {
    show("session");
    // In one column it has just come in front.
    requestAnimationFrame(() => {
      card.current?.focus();
      card.current?.scrollIntoView({ block: "nearest" });
    });
  }, [show]);
  const [first] = useState(opened);
  return (
    <OpenedContext value={first}>
      <StateContext
        value={{
          ...followed,
          title: view.title === "" ? session.title : view.title,
          // The log of one that was imported may end while it was live.
          live: isLive(view.status) && !view.ended && session.importedAt === null,
          cap: view.budgetCapMicroUsd === undefined ? session.budgetCapMicroUsd : view.budgetCapMicroUsd,
          entries,
          waiting: openCards(entries)[0],
          card,
          showCard,
          panels,
          layer,
          setLayer,
          rewinding,
          setRewinding,
          outbox,
          returned,
          takeBack: setReturned,
          interrupt,
          end,
          removeFromQueue,
          keptAt,
          kept: () => setKeptAt(serverNow()),
        }}
      >
        {children}
      </StateContext>
    </OpenedContext>
  );
}
