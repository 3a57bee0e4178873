import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { createApiKeyResponse } from "#contracts/account.ts";
import { addressOf } from "#contracts/address.ts";
import type { CallName, JsonOf, SentBody } from "#contracts/routes.ts";
import { StartFailure } from "./options.ts";
import { writePrivate } from "./secrets.ts";

const credentials = z.object({
  url: z.string(),
  email: z.string(),
  password: z.string(),
  organizationId: z.string(),
  apiKey: z.string(),
});
export type Credentials = z.infer<typeof credentials>;

/** A person's way through the public API, with the cookies that they were given. */
class Visitor {
  readonly #url: string;
  #cookies = "";

  constructor(url: string) {
    this.#url = url;
  }

  async post<N extends CallName & `POST ${string}`>(
    name: N,
    body: SentBody<N>,
  ): Promise<{ ok: boolean; status: number; body: unknown }> {
    const { method, path } = addressOf(name);
    const response = await fetch(this.#url + path, {
      method,
      headers: { "content-type": "application/json", origin: this.#url, cookie: this.#cookies },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (set.length > 0) this.#cookies = set.join("; ");
    return { ok: response.ok, status: response.status, body: await response.json().catch(() => null) };
  }

  /** @throws StartFailure with what the server said */
  async must<N extends CallName & `POST ${string}`>(name: N, body: SentBody<N>): Promise<unknown> {
    const answer = await this.post(name, body);
    if (!answer.ok)
      throw new StartFailure(
        `the first organization could not be made: ${name} returned ${answer.status} ${JSON.stringify(answer.body)}`,
      );
    return answer.body;
  }
}

/**
 * Makes the first person and their organization, through the same API as anybody else, and notes the way in.
 * A start that was cut short before is finished: each step is passed over where it was done.
 */
export async function firstOwner(
  data: string,
  url: string,
): Promise<{ credentials: Credentials; made: boolean }> {
  const file = path.join(data, "credentials.json");
  const noted = fs.existsSync(file)
    ? (JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Credentials>)
    : {};
  const known = credentials.safeParse(noted);
  if (known.success) {
    const current = { ...known.data, url };
    if (known.data.url !== url) writePrivate(file, `${JSON.stringify(current, null, 2)}\n`);
    return { credentials: current, made: false };
  }
  const person = {
    email: noted.email ?? "owner@studio.example",
    password: noted.password ?? randomBytes(12).toString("base64url"),
  };
  writePrivate(file, `${JSON.stringify({ url, ...person }, null, 2)}\n`);
  const visitor = new Visitor(url);
  const signedUp = await visitor.post("POST /api/auth/sign-up/email", { ...person, name: "Demo owner" });
  if (!signedUp.ok) await visitor.must("POST /api/auth/sign-in/email", person);
  const made = await visitor.post("POST /api/auth/organization/create", { name: "Demo", slug: "demo" });
  // The sign-in chose the organization where an earlier start had made it.
  if (!made.ok) await visitor.must("POST /api/auth/sign-in/email", person);
  // The route's schema alone: the whole table would make every start slower.
  const key: JsonOf<"POST /api/v1/api-keys"> = createApiKeyResponse.parse(
    await visitor.must("POST /api/v1/api-keys", { name: "First key" }),
  );
  const all = credentials.parse({ url, ...person, organizationId: key.organization_id, apiKey: key.key });
  writePrivate(file, `${JSON.stringify(all, null, 2)}\n`);
  return { credentials: all, made: true };
}
