/** What a person types of a mention, for its completion. Pure. */

/** Suggestions that are shown at once. */
export const MAX_SUGGESTIONS = 8;

interface Suggested {
  name: string;
  description: string;
  mention: string;
}

const TYPED = /(?:^|[\s(“"'])(\$[[a-z0-9:\]._-]{0,200})$/i;

/** The beginning of a mention right before the caret: where it starts, and its text from `$` on; null for none. */
export function mentionAt(text: string, caret: number): { start: number; typed: string } | null {
  const typed = TYPED.exec(text.slice(Math.max(0, caret - 210), caret))?.[1];
  return typed === undefined ? null : { start: caret - typed.length, typed };
}

/** The skills that what was typed may stand for: those whose name or mention begins so first. */
export function suggestionsFor<T extends Suggested>(skills: readonly T[], typed: string): T[] {
  const query = typed.slice(1).toLowerCase();
  const begins = (skill: T) => skill.name.startsWith(query) || skill.mention.startsWith(typed.toLowerCase());
  const has = (skill: T) => skill.name.includes(query) || skill.description.toLowerCase().includes(query);
  const first = skills.filter(begins);
  const isBracketed = query.startsWith("[");
  const rest = isBracketed ? [] : skills.filter((skill) => !begins(skill) && has(skill));
  // One that stands there whole needs no suggestion.
  if (first.some(({ mention }) => mention === typed)) return [];
  return [...first, ...rest].slice(0, MAX_SUGGESTIONS);
}

/** The text with a skill's mention in place of what was typed, and where the caret goes. */
export function withMention(
  text: string,
  { start, caret, mention }: { start: number; caret: number; mention: string },
): { text: string; caret: number } {
  const after = text.slice(caret);
  const space = /^\s/.test(after) ? "" : " ";
  const before = `${text.slice(0, start)}${mention}${space}`;
  return { text: before + after, caret: before.length + (space === "" ? 1 : 0) };
}
