import { randomBytes, randomInt } from "node:crypto";
import { api } from "#convex/_generated/api.js";
import type {
  beginLoginBody,
  beginLoginResponse,
  claimLoginBody,
  claimLoginResponse,
  decideLoginResponse,
  ShownLogin,
} from "#contracts/command-login.ts";
import { COMMAND_LOGIN, LOGIN_CODE_LETTERS } from "#domain/command-login.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { asHttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { hashSecret } from "./opaque.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** Codes that are tried before there are held to be too many. */
const MAX_CODES = 5;

const randomCode = (): string => {
  const letters = Array.from({ length: 8 }, () => LOGIN_CODE_LETTERS[randomInt(LOGIN_CODE_LETTERS.length)]);
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
};

/** Opens a login of the `struere` command, for a person to confirm. */
export async function beginLogin(
  body: z.output<typeof beginLoginBody>,
): Promise<z.infer<typeof beginLoginResponse>> {
  const secret = randomBytes(32).toString("base64url");
  for (let tried = 0; tried < MAX_CODES; tried += 1) {
    const code = randomCode();
    const isOpen = await serviceData().mutation(api.commandLogins.begin, {
      secretHash: hashSecret(secret),
      code,
      flow: body.flow,
      machine: body.machine,
      environment: body.environment,
      keyHash: body.key_hash,
      keyLast4: body.key_last4,
    });
    if (!isOpen) continue;
    return {
      secret,
      code,
      page: new URL("/authorize", env().STUDIO_PUBLIC_URL).href,
      poll_ms: COMMAND_LOGIN.pollMs,
      expires_at: new Date(Date.now() + COMMAND_LOGIN.openMs).toISOString(),
    };
  }
  throw refuse("logins_full", { limit: COMMAND_LOGIN.maxOpen });
}

/** What has become of a login, for the command that began it. @param address where it asks from */
export async function claimLogin(
  { secret, handover }: z.output<typeof claimLoginBody>,
  address: string,
): Promise<z.infer<typeof claimLoginResponse>> {
  const found = await serviceData().mutation(api.commandLogins.claim, {
    secretHash: hashSecret(secret),
    address,
    ...(handover !== undefined && { handoverHash: hashSecret(handover) }),
  });
  if (found.status !== "approved") return found;
  const { organization, environment, expiresAt } = found;
  return {
    status: "approved",
    organization,
    environment,
    expires_at: new Date(expiresAt).toISOString(),
    site_url: env().CONVEX_PUBLIC_SITE_URL ?? env().CONVEX_SITE_URL,
  };
}

/** What a person is asked to confirm. */
export async function shownLogin(caller: Caller, code: string): Promise<ShownLogin> {
  const { startedAt, expiresAt, ...rest } = await dataFor(caller).query(api.commandLogins.show, { code });
  return {
    code,
    ...rest,
    started_at: new Date(startedAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
  };
}

/** The same for a page; null where there is no open login of that code. */
export async function openLogin(caller: Caller, code: string): Promise<ShownLogin | null> {
  try {
    return await shownLogin(caller, code);
  } catch (error) {
    if (asHttpError(error, "").code === "not_found") return null;
    throw error;
  }
}

/** A person's decision; where a browser carries it to the command, with what proves that it came from here. */
export async function decideLogin(
  caller: Caller,
  code: string,
  approve: boolean,
): Promise<z.infer<typeof decideLoginResponse>> {
  const handover = randomBytes(32).toString("base64url");
  const { flow } = await serviceData().mutation(api.commandLogins.decide, {
    actor: actorOf(caller),
    code,
    approve,
    handoverHash: hashSecret(handover),
  });
  return { handover: flow === "browser" && approve ? handover : null };
}
