import { createHmac, timingSafeEqual } from "node:crypto";
import type { Principal } from "#domain/principal.ts";
import { env } from "../env.ts";

/** What opens a preview: a ticket in an address, for a minute; a visit in a cookie of the preview's own origin. */
export interface Pass {
  kind: "ticket" | "visit";
  sessionId: string;
  port: number;
  caller: Exclude<Principal, { kind: "service" }>;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** Names a ticket, which is good once. */
  id: string;
}

/** Tickets that have been used, until they would have expired: an address is seen in histories, logs and referrers. */
export class UsedTickets {
  readonly #until = new Map<string, number>();

  /** @returns false where the ticket was used before */
  use({ id, expiresAt }: Pass, now: number = Date.now()): boolean {
    for (const [known, until] of this.#until) if (until <= now) this.#until.delete(known);
    if (this.#until.has(id)) return false;
    this.#until.set(id, expiresAt);
    return true;
  }
}

const sign = (text: string) =>
  createHmac("sha256", env().STUDIO_AUTH_SECRET).update(`preview:${text}`).digest("base64url");

/** A pass as a text that nobody else can make. */
export function sealPass(pass: Pass): string {
  const text = Buffer.from(JSON.stringify(pass)).toString("base64url");
  return `${text}.${sign(text)}`;
}

/** The pass behind a text, if it is one of that kind, for that place, and still good. */
export function openPass(
  sealed: string,
  wanted: Pick<Pass, "kind" | "sessionId" | "port">,
  now: number,
): Pass | undefined {
  const [text = "", signature = ""] = sealed.split(".");
  const [given, right] = [Buffer.from(signature), Buffer.from(sign(text))];
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const pass = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Pass;
  const fits =
    pass.kind === wanted.kind &&
    pass.sessionId === wanted.sessionId &&
    pass.port === wanted.port &&
    pass.expiresAt > now;
  return fits ? pass : undefined;
}
