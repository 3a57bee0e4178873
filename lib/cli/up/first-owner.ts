import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { createApiKeyResponse } from "#contracts/account.ts";
import { addressOf } from "#contracts/address.ts";
import type { CallName, JsonOf, SentBody } from "#contracts/routes.ts";
import { TimedOut, until } from "#net/retry.ts";
import { ownerIn } from "./accounts.ts";
import { StartFailure } from "./options.ts";
import { writePrivate } from "./secrets.ts";

const credentials = z.object({
  url: z.string(),
  email: z.string(),
  /** Left out once the person has changed it. */
  password: z.string().optional(),
  organizationId: z.string(),
  apiKey: z.string(),
});
export type Credentials = z.infer<typeof credentials>;
/** Who the first organization is made for: noted before it is made, so that a start cut short can be finished. */
const draftSchema = z.object({ email: z.string(), password: z.string() });
type Draft = z.infer<typeof draftSchema>;

const CREDENTIALS = "credentials.json";
/** Renamed to nothing else: `credentials.json` appears only when all that it says has been tried. */
const DRAFT = "first-owner.json";
const KEY_MS = 15_000;
const POLL_MS = 200;

/** The way in, as the start tells of it; `credentials` as they are noted. */
export type WayIn =
  | { kind: "made"; email: string; password: string; credentials: Credentials }
  | { kind: "noted" | "changed"; email: string; credentials: Credentials }
  | { kind: "unknown"; email: string; file: "missing" | "damaged"; credentials: null };

/** Where Studio is: its own address, and where it is reached from here. */
interface Place {
  url: string;
  address: string;
}

/** A person's way through the public API, with the cookies that they were given. */
class Visitor {
  readonly #url: string;
  readonly #address: string;
  #cookies = "";

  /** @param address where it is reached from here, if not at its own */
  constructor(url: string, address: string) {
    this.#url = url;
    this.#address = address;
  }

  async post<N extends CallName & `POST ${string}`>(
    name: N,
    body: SentBody<N>,
  ): Promise<{ ok: boolean; status: number; body: unknown }> {
    const { method, path: address } = addressOf(name);
    const response = await fetch(this.#address + address, {
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

/** A file's JSON: undefined where there is no file, null where it holds something else. */
function jsonIn(file: string): unknown {
  if (!fs.existsSync(file)) return undefined;
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/** Waits until the key opens what it should. @throws StartFailure where it does not in time */
async function keyWorks(url: string, apiKey: string): Promise<void> {
  const look = async () => {
    const response = await fetch(`${url}/api/studio/sessions?limit=1`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(5_000),
    });
    await response.body?.cancel();
    return response.ok;
  };
  try {
    await until("the first API key", async () => await look().catch(() => false), {
      timeoutMs: KEY_MS,
      everyMs: POLL_MS,
    });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
    throw new StartFailure("the first API key was created, and is refused. Start again.");
  }
}

/**
 * Makes the first person and their organization, through the same API as anybody else, and notes the way in.
 * A start that was cut short before is finished: each step is passed over where it was done. Where somebody owns the
 * data already, a missing or damaged note keeps nobody from it.
 * @param url Studio's own address @param address where it is reached from here
 */
export async function firstOwner(data: string, url: string, address = url): Promise<WayIn> {
  const file = path.join(data, CREDENTIALS);
  const draftFile = path.join(data, DRAFT);
  const noted = jsonIn(file);
  const known = credentials.safeParse(noted);
  if (known.success) return await found(file, known.data, { url, address });
  // Older versions noted the person in the file itself.
  const draft = [jsonIn(draftFile), noted].map((json) => draftSchema.safeParse(json)).find((d) => d.success);
  const owner = ownerIn(data);
  const visitor = new Visitor(url, address);
  if (owner !== null) {
    const ofOwner =
      draft !== undefined && (await visitor.post("POST /api/auth/sign-in/email", draft.data)).ok;
    if (!ofOwner)
      return {
        kind: "unknown",
        email: owner,
        file: noted === undefined ? "missing" : "damaged",
        credentials: null,
      };
  }
  const person = draft?.data ?? {
    email: "owner@studio.example",
    password: randomBytes(12).toString("base64url"),
  };
  writePrivate(draftFile, `${JSON.stringify(person, null, 2)}\n`);
  if (owner === null) await visitor.must("POST /api/auth/sign-up/email", { ...person, name: "Demo owner" });
  const all = await complete(visitor, { url, address }, person);
  writePrivate(file, `${JSON.stringify(all, null, 2)}\n`);
  fs.rmSync(draftFile);
  return { kind: "made", ...person, credentials: all };
}

async function complete(visitor: Visitor, { url, address }: Place, person: Draft): Promise<Credentials> {
  const made = await visitor.post("POST /api/auth/organization/create", { name: "Demo", slug: "demo" });
  // The sign-in chose the organization where an earlier start had made it.
  if (!made.ok) await visitor.must("POST /api/auth/sign-in/email", person);
  // The route's schema alone: the whole table would make every start slower.
  const key: JsonOf<"POST /api/v1/api-keys"> = createApiKeyResponse.parse(
    await visitor.must("POST /api/v1/api-keys", { name: "First key" }),
  );
  await keyWorks(address, key.key);
  return { url, ...person, organizationId: key.organization_id, apiKey: key.key };
}

/** A way in that was noted before: the address follows this start, and a password that was changed is dropped. */
async function found(file: string, known: Credentials, { url, address }: Place): Promise<WayIn> {
  const { email, password, ...rest } = known;
  let isRight = password !== undefined;
  if (password !== undefined) {
    const { status } = await new Visitor(url, address).post("POST /api/auth/sign-in/email", {
      email,
      password,
    });
    // Only that says so: a limit or an outage tells nothing of the password.
    isRight = status !== 401;
  }
  const current: Credentials = {
    ...rest,
    url,
    email,
    ...(isRight && password !== undefined && { password }),
  };
  if (known.url !== url || (password !== undefined && !isRight))
    writePrivate(file, `${JSON.stringify(current, null, 2)}\n`);
  return { kind: isRight ? "noted" : "changed", email, credentials: current };
}

/** What a person reads of it behind the address. @param shown the folder of all data, as they write it */
export function tellWayIn(way: WayIn, shown: string): string[] {
  const file = `${shown}/${CREDENTIALS}`;
  const reset = `npm run reset-password -- ${way.email}${shown === ".studio" ? "" : ` --data ${shown}`}`;
  switch (way.kind) {
    case "made":
      return [
        `Sign in as ${way.email} with ${way.password}`,
        `The same, and an API key for scripts: ${file}`,
      ];
    case "noted":
      return [`Sign in as ${way.email}; the password, and an API key for scripts: ${file}`];
    case "changed":
      return [
        `Sign in as ${way.email} with the password that was set since. Forgotten? ${reset}`,
        `An API key for scripts: ${file}`,
      ];
    case "unknown":
      return [
        `Sign in as before. ${file} is ${way.file}, and nothing else needs it.`,
        `A forgotten password is replaced by: ${reset}`,
      ];
  }
}
