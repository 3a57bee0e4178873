import { api } from "#convex/_generated/api.js";
import type { Scope } from "#domain/roles.ts";
import { type Database, hashOf, type Member } from "./support.ts";

export const AGENT = {
  name: "Support",
  slug: "support",
  version: "1.0.0",
  systemPrompt: "Help.\r\nUse `ticks`, ${holes} and “quotes”. 🎈",
};
export const TICKET = {
  name: "Order",
  slug: "order",
  schema: { type: "object", properties: { total: { type: "number" }, status: { type: "string" } } },
};
export const CLERK = {
  name: "clerk",
  policies: [{ resource: "order", actions: ["read"], effect: "allow" }],
};

type Environment = "development" | "production";

/** A key of somebody's, by which the command speaks for them. */
export async function keyOf(
  { service }: Database,
  who: Member,
  {
    scopes = ["project:read", "project:write"],
    environment = "development",
  }: {
    scopes?: Scope[];
    environment?: Environment;
  } = {},
): Promise<string> {
  const key = `key-${who.userId}-${environment}-${scopes.join()}`;
  // Keys are an admin's to make; whose they are is what matters here.
  const asAdmin = { ...who.actor, role: "admin" };
  const made = service.mutation(api.apiKeys.create, {
    actor: asAdmin,
    name: "k",
    hash: hashOf(key),
    last4: "kkkk",
    scopes,
    environment,
  });
  await made;
  return key;
}

export interface Answer {
  status: number;
  type: string | null;
  body: Record<string, never> & {
    revision: number;
    entries: { kind: string; slug: string; hash: string; version: number }[];
    effects: { kind: string; message: string }[];
    errors: { path: string; message: string }[];
    changes: { kind: string; slug: string; base: string | null; current: string | null }[];
  };
}

/** A request as the command sends it. */
export async function sync(
  { t }: Database,
  key: string | null,
  path: "/v1/sync" | "/v1/sync/state" | "/v1/sync/pull",
  body: unknown = {},
): Promise<Answer> {
  const response = await t.fetch(path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "struere/0",
      ...(key !== null && { authorization: `Bearer ${key}` }),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: (await response.json()) as Answer["body"],
  };
}

export const texts = (...definitions: object[]): string[] => definitions.map((one) => JSON.stringify(one));
