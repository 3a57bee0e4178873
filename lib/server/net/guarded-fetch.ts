import { problemFor } from "#domain/problems.ts";
import dns from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { pipeline, Readable, type Transform } from "node:stream";
import zlib from "node:zlib";
import { isMetadataAddress, isPublicAddress } from "#net/addresses.ts";

/** How a body comes out of what some servers send unasked, as `fetch` does it by itself. */
const DECODERS: Record<string, () => Transform> = {
  gzip: () => zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  "x-gzip": () => zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => zlib.createInflate({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliDecompress(),
};

/** The body as it was before its server compressed it. */
function decoded(answer: http.IncomingMessage): Readable {
  const decoder = DECODERS[answer.headers["content-encoding"]?.trim().toLowerCase() ?? ""];
  // The reader sees how it ends, well or not.
  return decoder ? pipeline(answer, decoder(), () => undefined) : answer;
}

/** A request that was not made, because of where it would have gone. */
export class ForbiddenAddress extends Error {}

export interface GuardPolicy {
  /** The operator's word: private addresses and plain HTTP are allowed. */
  allowPrivate: boolean;
}

export interface GuardedInit {
  method?: string;
  headers?: Record<string, string> | Headers;
  /** A stream is sent as it comes, in chunks. */
  body?: Uint8Array | ReadableStream<Uint8Array>;
  signal?: AbortSignal;
  /** `manual`: a redirect is returned, without a body, and its target was checked by nobody. */
  redirect?: "error" | "manual";
}

/**
 * Checks a URL that somebody typed, as far as that can be done without a look-up.
 * @throws ForbiddenAddress with a sentence for the person
 */
export function checkUrl(text: string, policy: GuardPolicy): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ForbiddenAddress(problemFor("address_malformed").message);
  }
  if (url.username || url.password)
    throw new ForbiddenAddress(problemFor("address_with_credentials").message);
  if (url.protocol !== "https:" && !(policy.allowPrivate && url.protocol === "http:"))
    throw new ForbiddenAddress(problemFor("address_not_https").message);
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
  if (isIP(host) !== 0 && !isAllowed(host, policy)) throw forbidden(host, policy);
  if (!policy.allowPrivate && (host === "localhost" || host.endsWith(".localhost")))
    throw forbidden(host, policy);
  return url;
}

const isAllowed = (address: string, { allowPrivate }: GuardPolicy): boolean =>
  allowPrivate ? !isMetadataAddress(address) : isPublicAddress(address);

function forbidden(host: string, { allowPrivate }: GuardPolicy): ForbiddenAddress {
  return new ForbiddenAddress(
    problemFor(allowPrivate ? "address_metadata" : "address_private", { host }).message,
  );
}

/** Looks a name up for the connection itself, so that the address that was checked is the one that is used. */
function guardedLookup(policy: GuardPolicy): typeof dns.lookup {
  const lookup = (
    hostname: string,
    options: dns.LookupOptions,
    done: (error: Error | null, ...rest: unknown[]) => void,
  ) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error);
      const usable = addresses.filter(({ address }) => isAllowed(address, policy));
      // One private answer among public ones is a trick, not a choice.
      if (usable.length === 0 || usable.length < addresses.length) return done(forbidden(hostname, policy));
      const [first] = usable;
      if (options.all) return done(null, usable);
      return done(null, first?.address, first?.family);
    });
  };
  return lookup as typeof dns.lookup;
}

type NodeStream = Parameters<typeof Readable.fromWeb>[0];

/** What ends a body early ends its request; a server that answers before it has read all of it does not. */
const noteEnd = (reject: (error: Error) => void) => (error: NodeJS.ErrnoException | null | undefined) => {
  if (error && error.code !== "ERR_STREAM_PREMATURE_CLOSE") reject(error);
};

/**
 * A request to an address that somebody typed: the address that is connected to is checked itself, and redirects
 * are not followed by themselves, so that neither a name's later answer nor the server's word leads anywhere else.
 * @throws ForbiddenAddress | the connection's own error
 */
export async function guardedFetch(
  target: string,
  init: GuardedInit,
  policy: GuardPolicy,
): Promise<Response> {
  const url = checkUrl(target, policy);
  const headers = Object.fromEntries(new Headers(init.headers));
  const transport = url.protocol === "https:" ? https : http;
  return await new Promise<Response>((resolve, reject) => {
    const request = transport.request(
      url,
      {
        method: init.method ?? "GET",
        headers: {
          ...headers,
          ...(init.body instanceof Uint8Array && { "content-length": String(init.body.length) }),
        },
        lookup: guardedLookup(policy),
        ...(init.signal && { signal: init.signal }),
      },
      (answer) => {
        const status = answer.statusCode ?? 502;
        const answerHeaders = new Headers();
        for (let i = 0; i < answer.rawHeaders.length; i += 2)
          answerHeaders.append(answer.rawHeaders[i] ?? "", answer.rawHeaders[i + 1] ?? "");
        if (status >= 300 && status < 400) {
          answer.destroy();
          if (init.redirect === "manual") resolve(new Response(null, { status, headers: answerHeaders }));
          else reject(new ForbiddenAddress(problemFor("address_redirects", { host: url.host }).message));
          return;
        }
        const empty = status === 204 || init.method === "HEAD";
        const body = empty ? null : (Readable.toWeb(decoded(answer)) as ReadableStream<Uint8Array>);
        if (empty) answer.resume();
        resolve(new Response(body, { status, headers: answerHeaders }));
      },
    );
    request.on("error", reject);
    const { body } = init;
    if (body instanceof ReadableStream)
      pipeline(Readable.fromWeb(body as NodeStream), request, noteEnd(reject));
    else request.end(body);
  });
}
