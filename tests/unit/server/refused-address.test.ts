import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { ROUTES } from "../../../lib/contracts/routes.ts";
import { reasonOf, redirectRefused, refusedAddress } from "../../../lib/server/http/refused-address.ts";

test.each([
  ["a method that the path has not", "PUT", "/api/v1/runs/r1?x=1", "method_unknown"],
  ["one that no path has", "PROPFIND", "/api/v1/health", "method_unknown"],
  ["an escape that is none", "GET", "/api/v1/runs/%E0%A4%A", "address_invalid"],
  ["half an escape", "GET", "/api/v1/runs/%", "address_invalid"],
  ["HEAD where there is GET", "HEAD", "/api/v1/runs/r1", undefined],
  ["OPTIONS", "OPTIONS", "/api/v1/runs/r1", undefined],
  ["a path that is none", "PUT", "/api/v1/nothing", undefined],
  ["the sign-in", "DELETE", "/api/auth/%E0%A4%A", undefined],
  ["the gateway", "GET", "/api/gateway/demo/v1/chat/completions", undefined],
  ["a page", "PUT", "/settings", undefined],
])("%s", (_, method, url, kind) => {
  expect(refusedAddress(method, url)?.kind).toBe(kind);
});

test("every route of the table can be asked with its own method", () => {
  for (const name of Object.keys(ROUTES)) {
    const [method = "", path = ""] = name.split(" ");
    expect(refusedAddress(method, path.replaceAll(/\{\w+\}/g, "x")), name).toBeUndefined();
  }
});

function requestOf(method: string, url: string, headers: Record<string, string> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  return Object.assign(request, { method, url, headers: { ...headers } });
}

test("what is refused goes to the handler of unknown addresses, with the reason", () => {
  const request = requestOf("PUT", "/api/v1/health?a=b");
  redirectRefused(request);
  expect(request.url).toBe("/api/refused");
  const reason = reasonOf(new Headers({ "x-studio-refused": String(request.headers["x-studio-refused"]) }));
  expect(reason).toEqual({
    kind: "method_unknown",
    path: "/api/v1/health",
    method: "PUT",
    allowed: ["GET", "HEAD"],
  });
});

test("a client cannot give a reason itself", () => {
  const request = requestOf("GET", "/api/v1/health", { "x-studio-refused": "{}" });
  redirectRefused(request);
  expect(request.headers).not.toHaveProperty("x-studio-refused");
});
