import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The operator's keys, by version; the highest one encrypts, the others only decrypt. */
export interface Keyring {
  current: number;
  keys: ReadonlyMap<number, Buffer>;
}

/** A data key as it is stored: wrapped by one of the operator's keys. */
export interface WrappedKey {
  wrapped: string;
  kekVersion: number;
}

/**
 * Reads the operator's keys: `1:<base64 of 32 bytes>`, several with commas, so that one can follow another.
 * @throws Error that says what is wrong, without the keys
 */
export function parseKeyring(text: string): Keyring {
  const keys = new Map<number, Buffer>();
  for (const part of text.split(",")) {
    const [, version = "", encoded = ""] = /^\s*(\d+):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(part) ?? [];
    const key = Buffer.from(encoded, "base64");
    if (version === "" || key.length !== 32)
      throw new Error("STUDIO_KEK: each key is a version, a colon, and 32 bytes as base64.");
    keys.set(Number(version), key);
  }
  return { current: Math.max(...keys.keys()), keys };
}

function encrypt(key: Buffer, plain: Buffer, aad: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

function decrypt(key: Buffer, sealed: string, aad: string): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch (error) {
    throw new CannotOpen("It was encrypted with another key, for another place, or was changed.", {
      cause: error,
    });
  }
}

const dataKeyAad = (organizationId: string) => `data-key|${organizationId}`;
/** What a sealed secret is for: it cannot be opened as anything else. */
export interface SecretPlace {
  organizationId: string;
  /** The provider of a key, or what else it is. */
  name: string;
  version: number;
}

const secretAad = ({ organizationId, name, version }: SecretPlace) =>
  `key|${organizationId}|${name}|${version}`;

/** Something stored cannot be opened with the keys that are there. */
export class CannotOpen extends Error {
  override name = "CannotOpen";
}

function kek(ring: Keyring, version: number): Buffer {
  const key = ring.keys.get(version);
  if (!key)
    throw new CannotOpen(`STUDIO_KEK has no key of version ${version}, which something is encrypted with.`);
  return key;
}

/** Makes an organization's data key, and wraps it. */
export function newDataKey(ring: Keyring, organizationId: string): { dataKey: Buffer; stored: WrappedKey } {
  const dataKey = randomBytes(32);
  return { dataKey, stored: wrap(ring, organizationId, dataKey) };
}

/** Wraps a data key with the operator's current key. */
export function wrap(ring: Keyring, organizationId: string, dataKey: Buffer): WrappedKey {
  const wrapped = encrypt(kek(ring, ring.current), dataKey, dataKeyAad(organizationId));
  return { wrapped, kekVersion: ring.current };
}

/** @throws CannotOpen where it was wrapped for another organization, or by a key that the ring does not have */
export function unwrap(ring: Keyring, organizationId: string, stored: WrappedKey): Buffer {
  return decrypt(kek(ring, stored.kekVersion), stored.wrapped, dataKeyAad(organizationId));
}

/** Encrypts a secret for one place alone. */
export function seal(dataKey: Buffer, place: SecretPlace, secret: string): string {
  return encrypt(dataKey, Buffer.from(secret), secretAad(place));
}

/** @throws CannotOpen where the ciphertext was changed, or belongs to another place */
export function open(dataKey: Buffer, place: SecretPlace, ciphertext: string): string {
  return decrypt(dataKey, ciphertext, secretAad(place)).toString("utf8");
}
