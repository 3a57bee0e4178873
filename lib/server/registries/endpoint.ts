import { createHmac, timingSafeEqual } from "node:crypto";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import { type Given, problemFor, type ProblemKind } from "#domain/problems.ts";
import { fileBehind, fileOf, packageRequest } from "#domain/registries.ts";
import { hashSecret } from "../auth/opaque.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { tokenIn } from "../http/sandbox-token.ts";
import { takePackage } from "../http/seats.ts";
import { watched } from "../http/watched.ts";
import { log, messageOf } from "../log.ts";
import { addresses } from "../sandbox-start/addresses.ts";
import { askRegistry, REGISTRY_SILENCE_MS, registryHostOf } from "./ask.ts";
import { noteRefused, type OpenedRegistry, openedRegistry } from "./registries.ts";
import { changingFiles } from "./rewrite.ts";

/** The longest that one request may take. */
const REQUEST_MS = 30 * 60_000;
/** A revoked token ends within this time. */
const TOKEN_MS = 5_000;
const MAX_TOKENS = 2_000;

const ADDRESS = /^\/api\/registry\/([a-z0-9-]{1,40})\/(.{1,4000})$/;
const SIGNED = /^-\/([0-9a-f]{32})(\/.+)$/;

/** What is asked for in which form: an index could send JSON, whose files are named in another way. */
const ACCEPT = {
  npm: "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8",
  pypi: "application/vnd.pypi.simple.v1+html, text/html; q=0.5",
} as const;
const MEDIA = {
  npm: /^application\/(?:[\w.+-]+\+)?json\b/i,
  pypi: /^(?:text\/html|application\/vnd\.pypi\.simple\.v1\+html)\b/i,
} as const;

/** Nothing of a registry's is a page of Studio's. */
const HEADERS = {
  "cache-control": "no-cache, no-transform",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
};

/** A refusal as npm shows it to its caller. */
const said = (status: number, sentence: string) =>
  Response.json({ error: sentence }, { status, headers: HEADERS });
const refusal = <K extends ProblemKind>(status: number, kind: K, ...given: Given<K>) =>
  said(status, problemFor(kind, ...given).message);

type Holder = FunctionReturnType<typeof api.registries.ofToken>;

async function holderOf(request: Request): Promise<Holder> {
  const token = tokenIn(request);
  if (token === undefined) return null;
  const hash = hashSecret(token);
  const known = cacheOf<Promise<Holder>>("package-tokens", { max: MAX_TOKENS, ttlMs: TOKEN_MS });
  return await cached(known, hash, async () => await serviceData().query(api.registries.ofToken, { hash }));
}

/** Says that Studio itself has put a file's address into a description: of that registry, for that organization. */
const markOf = (organizationId: string, { slug, url }: OpenedRegistry, file: string): string =>
  createHmac("sha256", env().STUDIO_AUTH_SECRET)
    .update(JSON.stringify(["package-file", organizationId, slug, url, file]))
    .digest("hex")
    .slice(0, 32);

const isSame = (a: string, b: string) =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** What a sandbox asks for, as its registry is asked for it; null where that is nothing that it is for. */
function targetOf(
  organizationId: string,
  registry: OpenedRegistry,
  path: string,
  search: string,
): { what: "package" | "file"; url: URL } | null {
  const [, mark = "", file = ""] = SIGNED.exec(path) ?? [];
  if (file !== "") {
    const signed = [`${file}${search}`, `${fileBehind(file)}${search}`];
    return signed.some((one) => isSame(mark, markOf(organizationId, registry, one)))
      ? { what: "file", url: new URL(`${new URL(registry.url).origin}${file}${search}`) }
      : null;
  }
  const asked = packageRequest(registry.kind, registry.scopes, path);
  return asked && { what: asked.what, url: new URL(asked.path, registry.url) };
}

/**
 * Passes what a package manager in a sandbox reads on to an organization's own registry, with the credential that the
 * sandbox does not have. Descriptions of packages come back with the addresses of files changed, so that these come
 * through here too; a file that its registry keeps with another host is fetched from there without the credential, where
 * the registry itself leads there, and else by the sandbox.
 */
export async function registryEndpoint(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const [, slug = "", path = ""] = ADDRESS.exec(pathname) ?? [];
  // Next would ask for a whole package, and read nothing of it.
  if (request.method !== "GET")
    return new Response(null, { status: 405, headers: { ...HEADERS, allow: "GET" } });
  if (slug === "") return refusal(404, "registry_address", { registry: pathname.slice(14, 60) });
  let registry: OpenedRegistry | null;
  let holder: Holder;
  try {
    holder = await holderOf(request);
    if (!holder) return refusal(401, "registry_token");
    registry = await openedRegistry(holder.organizationId, slug);
  } catch (error) {
    if (error instanceof HttpError) return said(403, error.message);
    log("warn", "a registry could not be looked up", { error: messageOf(error) });
    return refusal(503, "gateway_database");
  }
  if (!registry) return refusal(404, "registry_not_found", { registry: slug });
  const target = targetOf(holder.organizationId, registry, path, search);
  if (!target) return refusal(404, "registry_address", { registry: slug });
  const leave = takePackage(holder);
  if (!leave) return refusal(429, "registry_busy");
  let handed = false;
  try {
    const response = await pass(request, { ...holder, registry, ...target }, leave);
    handed = response.body !== null;
    return response;
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    if (!(error instanceof HttpError)) throw error;
    const { kind = "" } = error.besides;
    if (kind === "registry_refused") await noteRefused(holder.organizationId, registry);
    return said(STATUSES[kind] ?? 502, error.message);
  } finally {
    if (!handed) leave();
  }
}

/** What a package manager makes of a refusal: it tries again by itself what is 500 or more. */
const STATUSES: Record<string, number> = {
  registry_refused: 403,
  registry_missing: 404,
  registry_address_forbidden: 403,
  registry_silent: 504,
};

/** @throws HttpError where the registry does not send what was asked for */
async function pass(
  request: Request,
  of: { organizationId: string; registry: OpenedRegistry; what: "package" | "file"; url: URL },
  leave: () => void,
): Promise<Response> {
  const { organizationId, registry, what, url } = of;
  const host = registryHostOf(registry);
  const known = request.headers.get("if-none-match");
  const answer = await askRegistry(registry, url, {
    headers: {
      accept: what === "package" ? ACCEPT[registry.kind] : "*/*",
      ...(known !== null && known.length < 500 && { "if-none-match": known }),
    },
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_MS)]),
    leaves: what === "file",
  });
  const { status } = answer;
  const etag = answer.headers.get("etag");
  const headers = { ...HEADERS, ...(etag !== null && { etag }) };
  if (status === 304) return new Response(null, { status, headers });
  const type = answer.headers.get("content-type") ?? "application/octet-stream";
  const isRight = status === 200 && (what === "file" || MEDIA[registry.kind].test(type));
  if (!isRight || !answer.body) {
    await answer.body?.cancel();
    if (status === 401) throw refuse("registry_refused", { host, registry: registry.slug });
    if (status === 403 || status === 404 || status === 410)
      throw refuse("registry_missing", { host, path: url.pathname.slice(0, 300) });
    throw refuse("registry_strange", { host, status });
  }
  const body = watched(answer.body, { silenceMs: REGISTRY_SILENCE_MS, leave });
  if (what === "file")
    return new Response(body, {
      status,
      headers: { ...headers, "content-type": "application/octet-stream" },
    });
  const own = `${addresses().studioUrl}/api/registry/${registry.slug}/`;
  const changed = changingFiles(registry.kind, (href) => {
    if (href.startsWith(own)) return null;
    const file = fileOf(href, url.href, registry.url);
    if (file === null) return null;
    const hash = /#.*$/.exec(href)?.[0] ?? "";
    return `${own}-/${markOf(organizationId, registry, file)}${file}${hash}`;
  });
  return new Response(body.pipeThrough(changed), { status, headers: { ...headers, "content-type": type } });
}
