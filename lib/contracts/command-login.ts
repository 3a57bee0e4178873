import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LOGIN_FLOWS, LOGIN_LIMITS, loginCode } from "#domain/command-login.ts";
import { LIMITS } from "#domain/limits.ts";
import { ROLES } from "#domain/roles.ts";
import { boundedText } from "./limits.ts";

const environment = z.enum(ENVIRONMENTS);

/** `POST /api/v1/command-logins`. */
export const beginLoginBody = z.strictObject({
  flow: z.enum(LOGIN_FLOWS),
  machine: boundedText(LOGIN_LIMITS.machine).describe("Where the command runs, for the person who confirms."),
  environment: environment.default("development"),
  key_hash: boundedText(LIMITS.hash).describe("SHA-256 of the key that the command has made for itself."),
  key_last4: boundedText(LIMITS.last4),
});
export const beginLoginResponse = z.object({
  secret: z.string().describe("What the command asks with. It opens nothing else."),
  code: z.string().describe("What the person compares or types."),
  page: z.string().describe("Where the person confirms."),
  poll_ms: z.number().int(),
  expires_at: z.string(),
});

/** `POST /api/v1/command-logins/claim`. */
export const claimLoginBody = z.strictObject({
  secret: z.string().min(1).max(200),
  handover: z.string().min(1).max(200).optional().describe("What the browser brought to the command."),
});
export const claimLoginResponse = z.discriminatedUnion("status", [
  z.object({ status: z.literal("pending") }),
  z.object({ status: z.literal("denied") }),
  z.object({
    status: z.literal("approved"),
    organization: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
    environment,
    expires_at: z.string(),
    site_url: z.string().describe("Where the project's routes are, `/v1/sync` and others."),
  }),
]);

export const loginParams = z.object({
  code: z
    .string()
    .max(40)
    .transform((typed) => loginCode(typed) ?? typed),
});

/** `GET /api/v1/command-logins/{code}`: what a person is asked to confirm. */
export const shownLoginResponse = z.object({
  code: z.string(),
  flow: z.enum(LOGIN_FLOWS),
  machine: z.string(),
  environment,
  role: z.enum(ROLES).describe("Of the person, in the organization that they work in."),
  started_at: z.string(),
  expires_at: z.string(),
  decision: z.enum(["approved", "denied"]).nullable(),
});
export type ShownLogin = z.output<typeof shownLoginResponse>;

/** `POST /api/v1/command-logins/{code}/decision`. */
export const decideLoginBody = z.strictObject({ approve: z.boolean() });
export const decideLoginResponse = z.object({
  handover: z
    .string()
    .nullable()
    .describe("For the command on the person's own machine; null where it asks by itself."),
});

/** What ended with a logout. */
export const logoutResponse = z.object({
  revoked: z.boolean().describe("False for a key that no login made: others may use it, too."),
});
