/** This folder is Studio's way to package registries: their credentials, and the endpoint for sandboxes. */

import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { putRegistryBody, Registry } from "#contracts/registries.ts";
import type { Principal } from "#domain/principal.ts";
import { readJson } from "#net/body.ts";
import { cached, cacheOf } from "../cache.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { open, seal, type SecretPlace } from "../keys/envelope.ts";
import { dataKeyFor, openDataKey, opened } from "../keys/own-key.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { log, messageOf } from "../log.ts";
import { checkUrl, ForbiddenAddress } from "../net/guarded-fetch.ts";
import { askRegistry, registryHostOf, type RegistryServer } from "./ask.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.registries.list>[number];

const show = ({ slug, last4, statusDetail, verifiedAt, updatedAt, ...row }: Row): Registry => ({
  registry: slug,
  kind: row.kind,
  url: row.url,
  username: row.username,
  scopes: row.scopes,
  masked_token: `…${last4}`,
  status: row.status,
  status_detail: statusDetail,
  verified_at: verifiedAt === null ? null : new Date(verifiedAt).toISOString(),
  updated_at: new Date(updatedAt).toISOString(),
});

const placeOf = (organizationId: string, slug: string, version: number): SecretPlace => ({
  organizationId,
  name: `registry:${slug}`,
  version,
});

/** The organization's registries, without their credentials. */
export async function listRegistries(caller: Caller): Promise<Registry[]> {
  return (await dataFor(caller).query(api.registries.list, {})).map(show);
}

/** A registry's URL as it is stored: with a `/` at its end. */
function checkedUrl(text: string): string {
  try {
    const url = checkUrl(text, guardPolicy());
    url.search = "";
    url.hash = "";
    return `${url.href.replace(/\/+$/, "")}/`;
  } catch (error) {
    throw error instanceof ForbiddenAddress
      ? refuse("registry_url_forbidden", { fault: error.message })
      : error;
  }
}

const TEST_MS = 10_000;
const MAX_ANSWER_BYTES = 100_000;

/** What a test of a registry found. */
interface Verdict {
  status: "active" | "inactive" | "error";
  statusDetail: string;
}

/** The name in npm's answer to whose credential it is. */
async function nameIn(answer: Response): Promise<string | undefined> {
  const body = await readJson(answer, MAX_ANSWER_BYTES).catch(() => null);
  const name = typeof body === "object" && body !== null && "username" in body ? body.username : undefined;
  return typeof name === "string" ? name.slice(0, 100) : undefined;
}

/** Asks a registry of npm whose the credential is, and an index for its list, of which nothing is read. */
async function verdictOn(server: RegistryServer): Promise<Verdict> {
  const host = registryHostOf(server);
  try {
    const asked = new URL(server.kind === "npm" ? "-/whoami" : ".", server.url);
    const answer = await askRegistry(server, asked, { waitMs: TEST_MS });
    if (answer.status === 401 || answer.status === 403) {
      await answer.body?.cancel();
      return { status: "error", statusDetail: `${host} doesn't accept the credential.` };
    }
    if (server.kind === "pypi") await answer.body?.cancel();
    const name = server.kind === "npm" ? await nameIn(answer) : undefined;
    if (server.kind === "npm" ? name !== undefined : answer.status === 200)
      return {
        status: "active",
        statusDetail: name === undefined ? `${host} answers.` : `${host} knows the credential as ${name}.`,
      };
    return {
      status: "inactive",
      statusDetail: `Not tested: ${host} doesn't say whose a credential is (${answer.status}).`,
    };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { status: "inactive", statusDetail: error.message };
  }
}

/**
 * Tests a registry's credential, encrypts it, and stores both. One that is refused is stored too, marked as such, so that
 * what was typed is not lost. Without a new credential the one before stays, for the same URL and user alone.
 * @throws HttpError invalid_request | forbidden | key_unreadable
 */
export async function saveRegistry(
  caller: Caller,
  slug: string,
  { kind, url: typed, username = "", token, scopes }: z.output<typeof putRegistryBody>,
): Promise<Registry> {
  const url = checkedUrl(typed);
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId, nextVersion, dataKey, known } = await data.query(api.registries.forSaving, {
    actor,
    slug,
  });
  const isSame = known?.kind === kind && known.url === url && known.username === username;
  if (token === undefined && !(isSame && dataKey)) throw refuse("registry_token_missing");
  const secret =
    token ??
    (known && dataKey
      ? opened(() =>
          open(
            openDataKey(organizationId, dataKey),
            placeOf(organizationId, slug, known.version),
            known.ciphertext,
          ),
        )
      : "");
  const verdict = await verdictOn({ slug, kind, url, username, token: secret });
  const fields = {
    slug,
    kind,
    url,
    username,
    scopes: [...new Set(scopes.map((scope) => scope.toLowerCase()))],
    ...verdict,
    ...(verdict.status === "active" && { verifiedAt: Date.now() }),
  };
  const sealedWith = () => {
    const { key, made } = dataKeyFor(organizationId, dataKey);
    return {
      sealed: {
        ciphertext: seal(key, placeOf(organizationId, slug, nextVersion), secret),
        version: nextVersion,
        last4: secret.slice(-4),
      },
      ...(made && { dataKey: made }),
    };
  };
  const saved = await data.mutation(api.registries.save, {
    actor,
    ...fields,
    ...(token !== undefined && sealedWith()),
  });
  forgetRegistry(organizationId, slug);
  return show(saved);
}

/** Tests a stored registry again. @throws HttpError not_found | forbidden | key_unreadable */
export async function testRegistry(caller: Caller, slug: string): Promise<Registry> {
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId } = await data.query(api.registries.forSaving, { actor, slug });
  forgetRegistry(organizationId, slug);
  const found = await openedRegistry(organizationId, slug);
  if (!found) throw refuse("registry_not_found", { registry: slug });
  const verdict = await verdictOn(found);
  return show(await data.mutation(api.registries.noteTest, { actor, slug, ...verdict }));
}

/** Removes a registry. Sandboxes can no longer install from it. @throws HttpError not_found */
export async function removeRegistry(caller: Caller, slug: string): Promise<void> {
  await dataFor(caller).mutation(api.registries.remove, { slug });
  forgetRegistry(caller.organizationId, slug);
}

/** A registry with its credential in clear, for requests of this server. */
export interface OpenedRegistry extends RegistryServer {
  scopes: string[];
  version: number;
}

const REGISTRY_MS = 5_000;
const MAX_CACHED = 500;
const registries = () =>
  cacheOf<Promise<OpenedRegistry | null>>("registries", { max: MAX_CACHED, ttlMs: REGISTRY_MS });
const nameOf = (organizationId: string, slug: string) => `${organizationId}|${slug}`;
const forgetRegistry = (organizationId: string, slug: string) =>
  registries().delete(nameOf(organizationId, slug));

/**
 * A registry with its credential, opened at most every five seconds: one that was removed ends within that time.
 * @throws HttpError key_unreadable where it cannot be opened
 */
export async function openedRegistry(organizationId: string, slug: string): Promise<OpenedRegistry | null> {
  return await cached(registries(), nameOf(organizationId, slug), async () => {
    const sealed = await serviceData().query(api.registries.sealed, {
      organizationId: organizationId as Id<"organizations">,
      slug,
    });
    if (!sealed) return null;
    const { dataKey, ciphertext, ...rest } = sealed;
    const place = placeOf(organizationId, slug, sealed.version);
    return { ...rest, token: opened(() => open(openDataKey(organizationId, dataKey), place, ciphertext)) };
  });
}

/** Notes that a registry refused a credential while it was in use. */
export async function noteRefused(organizationId: string, registry: OpenedRegistry): Promise<void> {
  const statusDetail = `${registryHostOf(registry)} rejected the credential during a session.`;
  await serviceData()
    .mutation(api.registries.markRejected, {
      organizationId: organizationId as Id<"organizations">,
      slug: registry.slug,
      version: registry.version,
      statusDetail,
    })
    .catch((error: unknown) =>
      log("warn", "a rejected credential of a registry was not noted", { error: messageOf(error) }),
    );
  forgetRegistry(organizationId, registry.slug);
}
