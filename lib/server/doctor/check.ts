/** What came of looking at one thing that Studio needs. */
export interface Finding {
  name: string;
  /** `off`: it isn't set, which is right as long as nobody wants it. */
  state: "ok" | "off" | "wrong";
  /** What was found. */
  detail: string;
  /** What to do about it. */
  advice?: string;
  tookMs: number;
}

/** Something is wrong, and the operator can do something about it. */
export class Wrong extends Error {
  readonly advice: string;

  constructor(what: string, advice: string) {
    super(what);
    this.advice = advice;
  }
}

/** It isn't set. The message says what there is without it. */
export class Off extends Error {}

/** One thing to look at. @returns what was found @throws Wrong | Off | anything that went wrong on the way */
export interface Check {
  name: string;
  look: () => Promise<string>;
  /** What to do where it can't even be looked at. */
  advice: string;
}

const LOOK_MS = 60_000;

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came back within ${LOOK_MS / 1_000} s`)), LOOK_MS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** An error's own words with those of what caused it: "fetch failed" alone says nothing. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message !== "" ? `${message}: ${cause.message}` : message;
}

/** Looks at one thing. Never throws. */
export async function examine({ name, look, advice }: Check): Promise<Finding> {
  const startedAt = performance.now();
  const took = () => Math.round(performance.now() - startedAt);
  try {
    return { name, state: "ok", detail: await inTime(look()), tookMs: took() };
  } catch (error) {
    if (error instanceof Off) return { name, state: "off", detail: error.message, tookMs: took() };
    const hint = error instanceof Wrong ? error.advice : advice;
    return { name, state: "wrong", detail: wordsOf(error), advice: hint, tookMs: took() };
  }
}
