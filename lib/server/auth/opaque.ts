import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `bytes` of randomness as base62 digits; the leading digit carries no bias that matters at this length. */
function base62(bytes: number): string {
  let value = BigInt(`0x${randomBytes(bytes).toString("hex")}`);
  let text = "";
  while (value > 0n) {
    text = ALPHABET.charAt(Number(value % 62n)) + text;
    value /= 62n;
  }
  return text.padStart(Math.ceil((bytes * 8) / Math.log2(62)), "0");
}

/** What is stored of a secret: enough to recognize it, never to make it again. */
export interface StoredSecret {
  hash: string;
  last4: string;
}

/** SHA-256 as hex. Secrets here have 256 random bits, so that a plain hash is safe. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** A new secret with a prefix that says what it is for, and what to store of it. */
export function makeSecret(prefix: "sk_studio" | "gw_studio" | "sync_studio" | "git_studio"): {
  secret: string;
  stored: StoredSecret;
} {
  const secret = `${prefix}_${base62(32)}`;
  return { secret, stored: { hash: hashSecret(secret), last4: secret.slice(-4) } };
}
