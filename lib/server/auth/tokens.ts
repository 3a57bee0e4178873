import { importJWK, type JWK, SignJWT } from "jose";
import { type Principal, TOKEN_AUDIENCE, TOKEN_ISSUER } from "#domain/principal.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";

/** How long a token lives that a server mints for its own call, and one for a browser. */
export const SERVER_TOKEN_MS = 60_000;
export const BROWSER_TOKEN_MS = 5 * 60_000;

interface Signer {
  key: Awaited<ReturnType<typeof importJWK>>;
  kid: string;
}

const signer = () =>
  singleton("signer", async (): Promise<Signer> => {
    const jwk = JSON.parse(env().STUDIO_SIGNING_KEY) as JWK;
    return { key: await importJWK(jwk, "ES256"), kid: jwk.kid ?? "studio" };
  });

function claimsOf(principal: Principal): { sub: string; claims: Record<string, string> } {
  if (principal.kind === "service") return { sub: "service", claims: { kind: "service" } };
  const { from } = principal;
  const shared = {
    org: principal.organizationId,
    user: principal.userId,
    role: principal.role,
    ...(from && { via: from.via }),
    ...(from?.address !== undefined && { address: from.address }),
  };
  if (principal.kind === "member")
    return {
      sub: `member:${principal.userId}:${principal.organizationId}`,
      claims: { kind: "member", ...shared },
    };
  return { sub: `key:${principal.keyId}`, claims: { kind: "apiKey", key: principal.keyId, ...shared } };
}

/** Mints a principal's token for Convex, valid for `lifetimeMs`. */
export async function mintToken(principal: Principal, lifetimeMs: number): Promise<string> {
  const { key, kid } = await signer();
  const { sub, claims } = claimsOf(principal);
  const now = Math.floor(Date.now() / 1000);
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(lifetimeMs / 1000))
    .sign(key);
}
