import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { ROUTES } from "#contracts/routes.ts";

/** Says to the handler of unknown addresses why it got a request. What a client sends under this name is dropped. */
const REFUSED = "x-studio-refused";
const HANDLER = "/api/refused";
/** They refuse in forms of their own. */
const OTHERS = /^\/api\/(?:auth|gateway|git)(?:\/|$)/;

const reasonSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("address_invalid"), path: z.string() }),
  z.object({
    kind: z.literal("method_unknown"),
    path: z.string(),
    method: z.string(),
    allowed: z.array(z.string()),
  }),
]);
export type RefusedAddress = z.infer<typeof reasonSchema>;

interface Pattern {
  segments: string[];
  methods: Set<string>;
}

/** The methods of each path in the table of routes. */
function patternsOf(names: readonly string[]): Pattern[] {
  const found = new Map<string, Set<string>>();
  for (const name of names) {
    const [method = "", path = ""] = name.split(" ");
    if (!path.startsWith("/api/") || OTHERS.test(path)) continue;
    const methods = found.get(path) ?? new Set<string>();
    found.set(path, methods.add(method));
    if (method === "GET") methods.add("HEAD");
  }
  return [...found].map(([path, methods]) => ({ segments: path.split("/"), methods }));
}

const PATTERNS = patternsOf(Object.keys(ROUTES));
const isParam = (segment: string) => segment.startsWith("{");

function fits({ segments }: Pattern, wanted: readonly string[]): boolean {
  return (
    segments.length === wanted.length &&
    segments.every((segment, at) => isParam(segment) || segment === wanted[at])
  );
}

const fixedOf = ({ segments }: Pattern) => segments.filter((segment) => !isParam(segment)).length;

/** Why an address of the API cannot be asked so; undefined where it can, or where it is none that is known. */
export function refusedAddress(method: string, url: string): RefusedAddress | undefined {
  const [path = ""] = url.split("?", 1);
  if (!path.startsWith("/api/") || OTHERS.test(path)) return undefined;
  try {
    decodeURIComponent(path);
  } catch {
    return { kind: "address_invalid", path };
  }
  if (method === "OPTIONS") return undefined;
  const wanted = path.replace(/\/$/, "").split("/");
  // As the framework decides: what is written out goes before a parameter.
  const [pattern] = PATTERNS.filter((one) => fits(one, wanted)).toSorted((a, b) => fixedOf(b) - fixedOf(a));
  if (!pattern || pattern.methods.has(method)) return undefined;
  return { kind: "method_unknown", path, method, allowed: [...pattern.methods].toSorted() };
}

/**
 * Sends what the framework would answer without a problem, or with a page, to the handler of unknown addresses, which
 * refuses it as the rest of the API does. Called before the framework sees the request.
 */
export function redirectRefused(request: IncomingMessage): void {
  delete request.headers[REFUSED];
  const refused = refusedAddress(request.method ?? "", request.url ?? "");
  if (!refused) return;
  request.headers[REFUSED] = encodeURIComponent(JSON.stringify(refused));
  request.url = HANDLER;
  // One that the framework has a handler for.
  request.method = "POST";
}

/** Why a request came to the handler of unknown addresses; undefined where its address is simply none. */
export function reasonOf(headers: Headers): RefusedAddress | undefined {
  const given = headers.get(REFUSED);
  return given === null ? undefined : reasonSchema.parse(JSON.parse(decodeURIComponent(given)));
}
