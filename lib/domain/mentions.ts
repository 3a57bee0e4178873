/** Mentions of skills in messages: `$[account:domain].skill_name`. Pure. */

/** Mentions of one message that are looked up. */
export const MAX_MENTIONS = 20;

export interface Mention {
  /** As it stands in the message. */
  text: string;
  /** `account:domain` */
  namespace: string;
  name: string;
  /** Where it begins, and ends, in the message: UTF-16 units. */
  start: number;
  end: number;
}

const CANDIDATE = /\$\[([a-z0-9:-]{2,460})\]\.([A-Za-z0-9_-]{2,64})(?![A-Za-z0-9_\]-])/g;
const SEGMENT = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/;
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}[a-z0-9]$/;
const MAX_SEGMENTS = 7;

function isNamespace(text: string): boolean {
  const segments = text.split(":");
  return segments.length <= MAX_SEGMENTS && segments.every((segment) => SEGMENT.test(segment));
}

/**
 * All mentions of a text, in order. What is not formed like one is text, and so is one with a `]` right behind it;
 * code marks hide none.
 */
export function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(CANDIDATE)].flatMap((match) => {
    const [whole, namespace = "", name = ""] = match;
    if (!isNamespace(namespace) || !NAME.test(name)) return [];
    return [{ text: whole, namespace, name, start: match.index, end: match.index + whole.length }];
  });
}

/** The mentions of a text, each skill once. */
export function distinctMentions(text: string): Mention[] {
  const found = new Map<string, Mention>();
  for (const mention of mentionsIn(text)) if (!found.has(mention.text)) found.set(mention.text, mention);
  return [...found.values()];
}

/** The mention of a skill. */
export const mentionOf = (account: string, domain: string, name: string): string =>
  `$[${account}:${domain}].${name}`;

/** A message cut where its mentions are. */
export function splitMentions(text: string): (string | Mention)[] {
  const parts: (string | Mention)[] = [];
  let at = 0;
  for (const mention of mentionsIn(text)) {
    if (mention.start > at) parts.push(text.slice(at, mention.start));
    parts.push(mention);
    at = mention.end;
  }
  if (at < text.length || parts.length === 0) parts.push(text.slice(at));
  return parts;
}
