/** What a sentence can say: plain values, so that a refusal crosses every wire as it is. */
type Param = string | number | null | string[];
export type Params = Readonly<Record<string, Param>>;

/** One way to be refused: its public code, and its sentence. `P` is `null` where the sentence is always the same. */
export interface Kind<Code extends string, P extends Params | null> {
  readonly code: Code;
  readonly sentence: P extends null ? string : (params: P) => string;
}

export function kind<const Code extends string>(code: Code, sentence: string): Kind<Code, null>;
export function kind<const Code extends string, P extends Params>(
  code: Code,
  sentence: (params: P) => string,
): Kind<Code, P>;
export function kind(code: string, sentence: string | ((params: never) => string)) {
  return { code, sentence };
}

/** Secrets that the operator's key no longer opens, and what to do about it. */
export const unreadable = (what: string) =>
  kind(
    "key_unreadable",
    `The stored ${what} can't be opened: the secret that they were encrypted with was lost or replaced. Restore it (secrets.json, or STUDIO_KEK), or delete all of this organization's provider keys, variables and git connections, and add them again.`,
  );
