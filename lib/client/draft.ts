import { showToast } from "./toast.ts";

/**
 * What was typed and neither sent nor saved. It stays in this browser until it is, so that a reload, a crash or a way to
 * another page loses nothing.
 */

/** A text, and what its page needs to go on with it. */
export interface Draft {
  text: string;
  /** Why a message was not sent. */
  problem?: string;
  /** The hash of the file that was edited, as it was read. */
  hash?: string;
  /** The number of the session's last event when a message was sent. */
  after?: number;
}

/** A message: of a session, or `new` for one that would start. */
export const messageDraft = (sessionId: string): string => `message:${sessionId}`;
/** A file of a session's workspace. */
export const fileDraft = (sessionId: string, path: string): string => `file:${sessionId}:${path}`;

const PREFIX = "studio-draft:";
/** Characters: of one draft, and of all. A browser keeps some 5 million for a site. */
const MAX_CHARS = 600_000;
const MAX_ALL_CHARS = 2_000_000;
/** While somebody types, a draft is stored so soon. */
const SETTLE_MS = 250;
const MAX_AGE_MS = 14 * 24 * 60 * 60 * 1000;

interface Stored extends Draft {
  /** Epoch milliseconds. */
  at: number;
}

function parse(text: string | null): Stored | undefined {
  if (text === null) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== "object" || found === null) return undefined;
    if (!("text" in found) || typeof found.text !== "string") return undefined;
    if (!("at" in found) || typeof found.at !== "number") return undefined;
    return {
      text: found.text,
      at: found.at,
      ...("problem" in found && typeof found.problem === "string" && { problem: found.problem }),
      ...("after" in found && typeof found.after === "number" && { after: found.after }),
      ...("hash" in found && typeof found.hash === "string" && { hash: found.hash }),
    };
  } catch {
    return undefined;
  }
}

/** What is stored, newest first; too old or broken, it is removed. */
function stored(): { key: string; chars: number; at: number }[] {
  const oldest = Date.now() - MAX_AGE_MS;
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .flatMap((key) => {
      const text = localStorage.getItem(key) ?? "";
      const draft = parse(text);
      if (draft && draft.at >= oldest) return [{ key, chars: text.length, at: draft.at }];
      localStorage.removeItem(key);
      return [];
    })
    .toSorted((a, b) => b.at - a.at);
}

/** What is typed at the moment and not stored yet, and what could not be stored. */
const waiting = new Map<string, Draft>();
const unstored = new Map<string, Draft>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Which of those that could not be stored their writer has been told of. */
const told = new Set<string>();

/** Stores a draft; the oldest give way to it. @returns false where it is too long, or the browser stores nothing */
function store(name: string, draft: Draft): boolean {
  const key = PREFIX + name;
  const text = JSON.stringify({ ...draft, at: Date.now() } satisfies Stored);
  if (text.length > MAX_CHARS) return false;
  try {
    // In one step: where this fails, what was stored before stays.
    localStorage.setItem(key, text);
    let room = MAX_ALL_CHARS;
    for (const other of stored()) {
      room -= other.chars;
      if (room < 0 && other.key !== key) localStorage.removeItem(other.key);
    }
    return true;
  } catch (error) {
    console.warn("The draft cannot be stored", error);
    return false;
  }
}

/** Says once that a text is not kept as it is now. */
function tell(name: string): void {
  if (told.has(name)) return;
  told.add(name);
  showToast("This text is too long for this browser to keep. Send or save it before you leave the page.");
}

/** Stores what is still waiting to be. @returns whether all drafts of this page are stored */
export function flushDrafts(): boolean {
  clearTimeout(timer);
  timer = undefined;
  for (const [name, draft] of waiting)
    if (store(name, draft)) {
      unstored.delete(name);
      told.delete(name);
    } else {
      unstored.set(name, draft);
      tell(name);
    }
  waiting.clear();
  return unstored.size === 0;
}

const onHidden = () => void (document.hidden && flushDrafts());

/** The browser asks before it unloads what it could not store. */
function onBeforeUnload(event: BeforeUnloadEvent): void {
  if (!flushDrafts()) event.preventDefault();
}

/** Keeps a draft: stored soon, and at the latest when the page is hidden or left. */
export function keepDraft(name: string, draft: Draft): void {
  waiting.set(name, draft);
  timer ??= setTimeout(flushDrafts, SETTLE_MS);
  window.addEventListener("pagehide", flushDrafts);
  window.addEventListener("beforeunload", onBeforeUnload);
  document.addEventListener("visibilitychange", onHidden);
}

/** A draft that was kept. */
export function readDraft(name: string): Draft | undefined {
  const now = waiting.get(name) ?? unstored.get(name);
  if (now) return now;
  try {
    const draft = parse(localStorage.getItem(PREFIX + name));
    return draft && draft.at >= Date.now() - MAX_AGE_MS ? draft : undefined;
  } catch {
    return undefined;
  }
}

/** The drafts whose names begin with this, by the rest of their names. */
export function readDrafts(prefix: string): ReadonlyMap<string, Draft> {
  flushDrafts();
  try {
    const names = [...stored().map(({ key }) => key.slice(PREFIX.length)), ...unstored.keys()];
    return new Map(
      names.flatMap((name) => {
        const draft = name.startsWith(prefix) ? readDraft(name) : undefined;
        return draft ? [[name.slice(prefix.length), draft] as const] : [];
      }),
    );
  } catch {
    return new Map();
  }
}

/** What another tab has done with a draft that this one shows, too. */
export interface DraftElsewhere {
  /** What it has stored; empty where it sent or discarded the draft. */
  text: string;
  /** What was stored before that. */
  before: string;
  /** Whether what this tab had typed meanwhile is stored in its place, or soon will be. */
  isOverwritten: boolean;
}

/** Hears what other tabs of this browser do with a draft. @returns what ends that */
export function followDraft(name: string, heard: (draft: DraftElsewhere) => void): () => void {
  const key = PREFIX + name;
  const onStorage = (event: StorageEvent) => {
    if (event.key !== key) return;
    const text = parse(event.newValue)?.text ?? "";
    const now = waiting.has(name) ? null : localStorage.getItem(key);
    heard({ text, before: parse(event.oldValue)?.text ?? "", isOverwritten: now !== event.newValue });
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}

function forget(names: Iterable<string>): void {
  for (const name of names) {
    waiting.delete(name);
    unstored.delete(name);
    told.delete(name);
  }
}

/** Both texts, none twice: what was kept, then what was typed beside it. */
export function joinTexts(kept: string, typed: string): string {
  if (typed.trim() === "" || kept === typed || kept.endsWith(`\n\n${typed}`)) return kept || typed;
  // A browser fills in again what a field had.
  return kept.trim() === "" || typed.startsWith(kept) ? typed : `${kept}\n\n${typed}`;
}

/** Forgets a draft: it was sent, saved or discarded. */
export function dropDraft(name: string): void {
  forget([name]);
  try {
    localStorage.removeItem(PREFIX + name);
  } catch (error) {
    console.warn("The draft cannot be removed", error);
  }
}

const OWNER = "studio-drafts-of";

/** Says whose drafts these are: what somebody else has left in this browser is forgotten. Nothing on a server. */
export function claimDrafts(person: string): void {
  if (typeof localStorage === "undefined") return;
  try {
    if (localStorage.getItem(OWNER) === person) return;
    dropAllDrafts();
    localStorage.setItem(OWNER, person);
  } catch (error) {
    console.warn("The drafts' owner cannot be stored", error);
  }
}

/** Forgets all drafts: who comes next to this browser may be somebody else. */
export function dropAllDrafts(): void {
  forget([...waiting.keys(), ...unstored.keys()]);
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch (error) {
    console.warn("The drafts cannot be removed", error);
  }
}
