/** What stands in place of a secret. */
export const DOTS = "•".repeat(8);

/** True where a secret in the text was hidden when it was stored: see mask.ts. */
export const isMasked = (text: string): boolean => text.includes(DOTS) || /(gw|sync|sk)_studio_…/.test(text);
