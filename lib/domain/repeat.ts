import type { Limit } from "./limits.ts";
import { plural } from "./plural.ts";

/** What a session that repeats another one can't have as that had it. Pure. */

/** What the title of a repeat begins with, before that of the other session. */
export const REPEAT_OF = "Repeat of ";
/** Texts of a skill that are kept for repeats, beside those that its own page has. */
export const MAX_KEPT_TEXTS = 30;
/** Gaps of one repeat: each skill and each server can be one. */
export const MAX_GAPS = 200;
/** A template's name, with Studio's version. */
export const TEMPLATE_LIMIT = { kind: "text", min: 1, max: 300 } as const satisfies Limit;
/** Gaps that somebody goes on with, each by what it names. */
export const ACCEPTED_LIMIT = {
  kind: "list",
  of: { kind: "text", min: 1, max: 16_000 },
  min: 0,
  max: MAX_GAPS,
} as const satisfies Limit;

export const GAP_KINDS = [
  "pins",
  "template",
  "setup",
  "model",
  "price",
  "skill_gone",
  "skill_off",
  "skill_text",
  "rules_many",
  "rules_since",
  "mcp_unknown",
  "mcp_gone",
  "mcp_changed",
  "repository",
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

export interface Gap {
  kind: GapKind;
  /** Which skill, server, model or repository; null where there is only one. */
  name: string | null;
  /** More of it, as the names of tools. */
  parts: string[];
}

/** By which a person accepts a gap: it names what they have seen, so another gap of the kind is another. */
export const gapId = ({ kind, name, parts }: Gap): string =>
  [kind, ...(name === null ? [] : [name]), ...parts].join(":");

const SHOWN = 5;
const listed = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(", ")
    : `${names.slice(0, SHOWN).join(", ")} and ${names.length - SHOWN} more`;

const SENTENCES: Record<GapKind, (name: string, parts: readonly string[]) => string> = {
  pins: () =>
    "What the session began with wasn't kept yet at that time. Skills, rules, and MCP servers are as they are now.",
  template: () => "Sandboxes are made of another template now. The repeat gets that one.",
  setup: () =>
    "The set-up snapshot isn't the one that the session began from. The repeat is set up as new sessions are.",
  model: (name, [now]) =>
    now === undefined
      ? `${name} is no longer offered. Choose another model.`
      : `${name} is no longer offered. The repeat uses ${now}.`,
  price: (name) => `${name} costs something else by now. The repeat costs what it costs now.`,
  skill_gone: (name) => `The skill “${name}” was deleted or renamed. The repeat doesn't have it.`,
  skill_off: (name) => `The skill “${name}” was turned off. The repeat doesn't have it.`,
  skill_text: (name) =>
    `The text that the skill “${name}” had isn't stored any more. The repeat doesn't have it.`,
  rules_many: (_name, [count = "", max = ""]) =>
    `The session had ${count} rules, and a repeat can bring ${max}. Rules count as they are now.`,
  rules_since: (_name, parts) =>
    `${parts.length} ${plural(parts.length, "rule that came since counts", "rules that came since count")}, too: ${listed(parts)}. What they deny stays denied.`,
  mcp_unknown: () =>
    "The session never started, so its MCP servers aren't known. The repeat gets those of now.",
  mcp_gone: (name) => `The MCP server “${name}” was removed or turned off. The repeat doesn't have it.`,
  mcp_changed: (name, parts) =>
    parts.length === 0
      ? `Other tools of the MCP server “${name}” are approved by now. The repeat doesn't have it.`
      : `Other versions of these tools of “${name}” are approved by now: ${listed(parts)}. The repeat doesn't have them.`,
  repository: (name, [why = ""]) => `${name} can't be cloned: ${why} The repeat begins without it.`,
};

/** A gap in words: what can't be had, and what the repeat has in its place. */
export const gapText = ({ kind, name, parts }: Gap): string => SENTENCES[kind](name ?? "", parts);

/** A repeat's title. */
export const repeatTitle = (title: string, maxChars: number): string =>
  (title.startsWith(REPEAT_OF) ? title : `${REPEAT_OF}${title}`)
    .slice(0, maxChars)
    .replace(/[\uD800-\uDBFF]$/, "");
