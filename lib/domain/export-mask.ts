/** What is hidden in a session's export: what was when it was logged, and what a person hides by hand. Pure. */
import type { EventEnvelope } from "./events.ts";
import { Masker } from "./mask.ts";
import { DOTS } from "./masked.ts";

/** `secret`: a value that the session's sandbox knows; `studio_token`: one of Studio's own; `by_hand`: a person's choice. */
export const MASKED_KINDS = ["secret", "studio_token", "by_hand"] as const;
export type MaskedKind = (typeof MASKED_KINDS)[number];

/** Where something is hidden. */
export interface MaskedPlace {
  /** Of its event; 0 for what stands before the events, such as the title. */
  seq: number;
  type: string;
  /** Names within the payload, with dots between them. */
  field: string;
}
/** All that is hidden for one reason. */
export interface MaskedPart {
  kind: MaskedKind;
  /** Of `by_hand` alone: which of the texts. */
  text?: string;
  count: number;
  /** The first of them. */
  places: MaskedPlace[];
}

const MAX_PLACES = 20;
const MAX_FIELD_CHARS = 200;
const TOKEN = /(?:gw|sync|sk|git)_studio_…/g;
/** Fields of a payload whose names come from outside: these are hidden, too. */
const FREE_FORM: ReadonlySet<string> = new Set(["tool_input", "request", "details"]);

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

/** Visits each text of a value that JSON can hold, and each name from outside, with where it stands. */
function eachText(value: unknown, visit: (text: string, field: string) => void): void {
  const left: { value: unknown; field: string; isFree: boolean }[] = [{ value, field: "", isFree: false }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value: at, field, isFree } = next;
    if (typeof at === "string") visit(at, field);
    else if (typeof at === "object" && at !== null)
      for (const [name, inner] of Object.entries(at).toReversed()) {
        const path = (field === "" ? name : `${field}.${name}`).slice(0, MAX_FIELD_CHARS);
        if (isFree && !Array.isArray(at)) visit(name, path);
        left.push({ value: inner, field: path, isFree: isFree || FREE_FORM.has(name) });
      }
  }
}

/** Hides texts wherever they stand in an export; the longest first, so that none is left of which another is a part. */
export class ExportMask {
  readonly #texts: readonly string[];
  readonly #masker: Masker | null;

  constructor(texts: readonly string[]) {
    this.#texts = [...new Set(texts)].filter((text) => text !== "").toSorted((a, b) => b.length - a.length);
    this.#masker = this.#texts.length > 0 ? new Masker(this.#texts) : null;
  }

  text(text: string): string {
    if (!this.#masker) return text;
    // Of long ones also what URLs and base64 make of them.
    let masked = this.#masker.mask(text);
    for (const part of this.#texts) if (masked.includes(part)) masked = masked.replaceAll(part, DOTS);
    return masked;
  }

  /** The same for all texts of a value. @param names whether its fields' names come from outside, too */
  value<T>(value: T, names = false): T {
    if (!this.#masker) return value;
    if (typeof value === "string") return this.text(value) as T;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.value(item, names) as unknown) as T;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        names ? this.text(name) : name,
        this.value(inner as unknown, names || FREE_FORM.has(name)),
      ]),
    ) as T;
  }

  /** An event whose payload says nothing of them; what names it and its place stays. */
  event(event: EventEnvelope): EventEnvelope {
    return this.#masker ? { ...event, payload: this.value(event.payload) } : event;
  }
}

/** Counts what is hidden, and what would be, as a session's log goes by. */
export class ExportReview {
  readonly #parts: MaskedPart[];
  readonly #texts: readonly string[];
  events = 0;

  constructor(texts: readonly string[]) {
    this.#texts = [...new Set(texts)].filter((text) => text !== "");
    this.#parts = [
      { kind: "secret", count: 0, places: [] },
      { kind: "studio_token", count: 0, places: [] },
      ...this.#texts.map((text) => ({ kind: "by_hand" as const, text, count: 0, places: [] })),
    ];
  }

  event({ seq, type, payload }: EventEnvelope): void {
    this.events += 1;
    this.value(payload, seq, type);
  }

  /** Looks through what stands beside the events. */
  value(value: unknown, seq = 0, type = "session"): void {
    eachText(value, (text, field) => {
      const counts = [
        countOf(text, DOTS),
        text.includes("_studio_…") ? (text.match(TOKEN)?.length ?? 0) : 0,
        ...this.#texts.map((part) => countOf(text, part)),
      ];
      for (const [index, count] of counts.entries()) {
        const part = this.#parts[index];
        if (!part || count === 0) continue;
        part.count += count;
        if (part.places.length < MAX_PLACES) part.places.push({ seq, type, field });
      }
    });
  }

  /** What was found, and of the texts to be hidden those that were not. */
  get masked(): MaskedPart[] {
    return this.#parts.filter(({ kind, count }) => count > 0 || kind === "by_hand");
  }
}
