import { createHash, createHmac, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random bytes as base62 digits; the leading digit carries no bias that matters at this length. */
function base62(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  while (value > 0n) {
    text = ALPHABET.charAt(Number(value % 62n)) + text;
    value /= 62n;
  }
  return text.padStart(Math.ceil((bytes.length * 8) / Math.log2(62)), "0");
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

type Prefix = "sk_studio" | "gw_studio" | "sync_studio" | "git_studio" | "hook_studio";
interface Secret {
  secret: string;
  stored: StoredSecret;
}

const secretOf = (prefix: Prefix, bytes: Buffer): Secret => {
  const secret = `${prefix}_${base62(bytes)}`;
  return { secret, stored: { hash: hashSecret(secret), last4: secret.slice(-4) } };
};

/** A new secret with a prefix that says what it is for, and what to store of it. */
export const makeSecret = (prefix: Prefix): Secret => secretOf(prefix, randomBytes(32));

/** The same for one that every server process can make again, and nobody stores. @param key the servers' own */
export const deriveSecret = (prefix: Prefix, key: string, what: string): Secret =>
  secretOf(prefix, createHmac("sha256", key).update(`${prefix}:${what}`).digest());
