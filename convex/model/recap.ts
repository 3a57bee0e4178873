/** Turns that an agent is told of which it does not remember: how many rows are looked at, and how much of them is told. */
export const TOLD = { runs: 6, rows: 60, chars: 4_000 } as const;

/**
 * Turns in short, for an agent that does not remember them.
 * @param before what they are
 * @param turns the latest first
 */
export function recapOf(
  before: string,
  turns: readonly { input: string; output?: string | undefined }[],
): string {
  const told = turns
    .slice(0, TOLD.runs)
    .toReversed()
    .map(
      ({ input, output = "(it ended without an answer)" }) => `They asked: ${input}\nYou answered: ${output}`,
    )
    .join("\n\n")
    .slice(-TOLD.chars);
  return `${before}\n\n${told}\n\nThe next message is:)\n\n`;
}
