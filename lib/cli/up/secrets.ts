import { generateKeyPairSync, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { StartFailure } from "./options.ts";

const schema = z.object({
  authSecret: z.string().min(32),
  convexAdminKey: z.string().min(16),
  sandboxApiKey: z.string().min(16),
  /** Of what stands in for Stripe. */
  stripeKey: z.string().min(16),
  stripeWebhookSecret: z.string().min(16),
  kek: z.string().min(40),
  signingKey: z.object({
    kty: z.literal("EC"),
    crv: z.string(),
    x: z.string(),
    y: z.string(),
    d: z.string(),
    kid: z.string(),
  }),
});
export type Secrets = z.infer<typeof schema>;

function make(): Secrets {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = privateKey.export({ format: "jwk" }) as Omit<Secrets["signingKey"], "kid">;
  return {
    authSecret: randomBytes(32).toString("base64url"),
    convexAdminKey: `studio-local|${randomBytes(24).toString("hex")}`,
    kek: `1:${randomBytes(32).toString("base64")}`,
    sandboxApiKey: `e2b_${randomBytes(20).toString("hex")}`,
    stripeKey: `sk_test_${randomBytes(24).toString("hex")}`,
    stripeWebhookSecret: `whsec_${randomBytes(24).toString("hex")}`,
    signingKey: { ...jwk, kid: randomBytes(8).toString("hex") },
  };
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, text, { mode: 0o600 });
  fs.renameSync(draft, file);
}

/** What was made with the secrets: where one of these is there, they were, too. */
const MADE_WITH_THEM = ["auth.db", "convex/data.sqlite"];

/** @throws StartFailure where data has lost the secrets that it was made with: new ones would not open it */
export function refuseLostSecrets(data: string): void {
  const file = path.join(data, "secrets.json");
  if (fs.existsSync(file) || !MADE_WITH_THEM.some((name) => fs.existsSync(path.join(data, name)))) return;
  throw new StartFailure(
    `${file} is missing, and the data beside it was made with it. Restore it from a backup. Without one, start with --new-secrets: everybody signs in again, stored provider keys cannot be opened and are entered again, and running sessions end. Or start over: npm start -- --reset`,
  );
}

/**
 * The local services' secrets: made at the first start, the same ever after.
 * One that a newer version asks for is added: nothing can have been sealed with it yet.
 *
 * @throws StartFailure when the file is not what Studio wrote; it is left as it is.
 */
export function loadSecrets(data: string): Secrets {
  const file = path.join(data, "secrets.json");
  const stored = fs.existsSync(file) ? read(file) : {};
  const secrets = schema.safeParse({ ...make(), ...stored });
  if (!secrets.success) {
    const names = secrets.error.issues.map((issue) => issue.path.join(".")).join(", ");
    throw new StartFailure(
      `${file} cannot be used (${names}). Restore it, or start over: npm start -- --reset`,
    );
  }
  if (Object.keys(secrets.data).some((name) => !Object.hasOwn(stored, name)))
    writePrivate(file, `${JSON.stringify(secrets.data, null, 2)}\n`);
  return secrets.data;
}

function read(file: string): object {
  try {
    return z.looseObject({}).parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch {
    throw new StartFailure(`${file} is not JSON. Restore it, or start over: npm start -- --reset`);
  }
}

/** The public half of the signing key, as Convex's configuration takes it. */
export function jwksUri({ signingKey }: Secrets): string {
  const { d: _private, ...publicKey } = signingKey;
  const jwks = JSON.stringify({ keys: [{ ...publicKey, alg: "ES256", use: "sig" }] });
  return `data:text/plain;charset=utf-8;base64,${Buffer.from(jwks).toString("base64")}`;
}
