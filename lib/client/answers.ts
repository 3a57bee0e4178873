import type { Asked } from "#domain/questions.ts";

/** What a person has chosen for one question so far, and typed in their own words. */
export interface Chosen {
  labels: readonly string[];
  own: string;
}

export const NOTHING_CHOSEN: Chosen = { labels: [], own: "" };

/** An option chosen, or taken back. Where one answer is allowed, it takes the place of any other. */
export function choose(asked: Asked, chosen: Chosen, label: string): Chosen {
  if (!asked.multiple) return { labels: [label], own: "" };
  const labels = chosen.labels.includes(label)
    ? chosen.labels.filter((known) => known !== label)
    : [...chosen.labels, label];
  return { ...chosen, labels };
}

/** The same in own words; where one answer is allowed, they take the place of an option. */
export function write(asked: Asked, chosen: Chosen, own: string): Chosen {
  return { labels: asked.multiple || own.trim() === "" ? chosen.labels : [], own };
}

/** The answer to one question: the labels in the options' order, then the person's own words. */
export function answerOf(asked: Asked, { labels, own }: Chosen): string[] {
  const inOrder = asked.options.map(({ label }) => label).filter((label) => labels.includes(label));
  return own.trim() === "" ? inOrder : [...inOrder, own.trim()];
}
