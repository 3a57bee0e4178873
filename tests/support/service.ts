import { ConvexHttpClient } from "convex/browser";
import { importJWK, SignJWT } from "jose";
import { loadSecrets } from "../../lib/cli/up/secrets.ts";
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../lib/domain/principal.ts";
import type { Stack } from "./stack.ts";

/** A client of a running Studio's data in the name of its own servers, for five minutes. */
export async function serviceOf(stack: Stack): Promise<ConvexHttpClient> {
  const { signingKey } = loadSecrets(stack.data);
  const token = await new SignJWT({ kind: "service" })
    .setProtectedHeader({ alg: "ES256", kid: signingKey.kid, typ: "JWT" })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject("service")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(await importJWK(signingKey, "ES256"));
  const client = new ConvexHttpClient(stack.convexUrl, { logger: false });
  client.setAuth(token);
  return client;
}
