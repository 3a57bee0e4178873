/** Studio's own secrets, by the form that they all have: what a sandbox prints of them is masked before it is stored. */
const SECRET = /\b(gw|sync|sk)_studio_[0-9A-Za-z]{43}/g;

/** The end of a text that may be the beginning of a secret. */
const TAIL = "(?:_(?:s(?:t(?:u(?:d(?:i(?:o(?:_[0-9A-Za-z]{0,42})?)?)?)?)?)?)?)?";
const BEGUN = new RegExp(`\\b(?:g(?:w${TAIL})?|s(?:k${TAIL}|y(?:n(?:c${TAIL})?)?)?)$`);

/** The text with each secret cut down to its beginning. Safe for JSON text too. */
export function maskSecrets(text: string): string {
  return text.includes("_studio_") ? text.replaceAll(SECRET, "$1_studio_…") : text;
}

/** The text without secrets that are known: each is replaced wherever it stands whole. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, "•".repeat(8)), text);
}

/** What of a growing text can be shown already, masked, and what must wait for more of it. */
export function maskGrowing(text: string): { shown: string; held: string } {
  const begun = BEGUN.exec(text);
  const at = begun?.index ?? text.length;
  return { shown: maskSecrets(text.slice(0, at)), held: text.slice(at) };
}
