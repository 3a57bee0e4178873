/** The form of a word that goes with a number, in English. */
export const plural = (count: number, one: string, other: string): string => (count === 1 ? one : other);
