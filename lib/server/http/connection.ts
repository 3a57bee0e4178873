import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { env } from "../env.ts";
import { shareFairly } from "./fair-share.ts";
import { redirectRefused } from "./refused-address.ts";
import { singleton } from "../singleton.ts";

/** Carries the true address of the client to the routes, which never see the socket. What a client sends is replaced. */
export const CLIENT_ADDRESS = "x-studio-client-address";

/** Servers in this process whose addresses are not Studio's own: those of previews. */
export const foreignServers = () => singleton("foreign-servers", () => new WeakSet<Server>());

/** A year. Other names below this one are the operator's to decide on. */
const HSTS = "max-age=31536000";

/**
 * The client's address. The socket's own, unless that is one of the operator's proxies: each of them appends the
 * address that it was reached from to `X-Forwarded-For`, so it is counted from the right. What stands further left was
 * written by the client.
 * @param trustedProxies how many proxies of the operator's a request passes
 */
export function clientAddress(
  forwardedFor: string | undefined,
  socketAddress: string,
  trustedProxies: number,
): string {
  const chain = (forwardedFor ?? "").split(",").map((part) => part.trim());
  const hops = [...chain.filter((part) => part !== ""), socketAddress];
  return hops[Math.max(0, hops.length - 1 - trustedProxies)] ?? socketAddress;
}

/**
 * Looks at each request before the framework does, which gets no more of one credential than its share at once. See https://nodejs.org/api/diagnostics_channel.html#http
 * (`http.server.request.start`). Marks it with the client's address, and answers over https with HSTS.
 */
export function watchConnections(): void {
  singleton("connections", () => {
    diagnostics.subscribe("http.server.request.start", (message) => {
      const { request, response, server } = message as {
        request: IncomingMessage;
        response: ServerResponse;
        server: Server;
      };
      shareFairly(server);
      if (!foreignServers().has(server)) redirectRefused(request);
      const { STUDIO_TRUSTED_PROXIES, STUDIO_PUBLIC_URL } = env();
      const forwarded = request.headers["x-forwarded-for"];
      request.headers[CLIENT_ADDRESS] = clientAddress(
        Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
        request.socket.remoteAddress ?? "unknown",
        STUDIO_TRUSTED_PROXIES,
      );
      if (STUDIO_PUBLIC_URL.startsWith("https:")) response.setHeader("Strict-Transport-Security", HSTS);
    });
    return true;
  });
}
