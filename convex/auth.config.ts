import type { AuthConfig } from "convex/server";
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from "#domain/principal.ts";

/** Studio itself is the only issuer: whoever signed a person in, the server mints the token that counts here. */
export default {
  providers: [
    {
      type: "customJwt",
      issuer: TOKEN_ISSUER,
      applicationID: TOKEN_AUDIENCE,
      algorithm: "ES256",
      jwks: process.env.STUDIO_JWKS!,
    },
  ],
} satisfies AuthConfig;
