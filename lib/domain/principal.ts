import type { AuditOrigin } from "./audit.ts";
import type { Environment } from "./catalog.ts";
import type { Role, Scope } from "./roles.ts";

/** The issuer of every token that Convex trusts: a name, never the address of the moment. */
export const TOKEN_ISSUER = "https://issuer.studio.invalid";
export const TOKEN_AUDIENCE = "convex";

/** Who makes a request. Made in one place of the server, and carried to Convex as a token's claims. */
export type Principal =
  | {
      kind: "member";
      organizationId: string;
      userId: string;
      role: Role;
      name: string;
      /** How the request came in, for the audit log. */
      from?: AuditOrigin;
    }
  | {
      kind: "apiKey";
      organizationId: string;
      userId: string;
      keyId: string;
      role: Role;
      scopes: readonly Scope[];
      environment: Environment;
      name: string;
      from?: AuditOrigin;
    }
  | { kind: "service" };
