import { expect, test } from "vitest";
import { targetOf } from "#sandbox-host/gateway.ts";

test("requests are for a sandbox by header or by host name, else for the control plane", () => {
  expect(targetOf({ "e2b-sandbox-id": "iabc", "e2b-sandbox-port": "3000", host: "x" })).toEqual({
    id: "iabc",
    port: 3000,
  });
  expect(targetOf({ "e2b-sandbox-id": "iabc" })).toEqual({ id: "iabc", port: 49_983 });
  expect(targetOf({ host: "8080-iabc.localhost:3220" })).toEqual({ id: "iabc", port: 8080 });
  expect(targetOf({ host: "49983-iabc.sandbox.example.com" })).toEqual({ id: "iabc", port: 49_983 });
  expect(targetOf({ host: "api.sandbox.example.com" })).toBeUndefined();
  expect(targetOf({ host: "127.0.0.1:3220" })).toBeUndefined();
  expect(targetOf({})).toBeUndefined();
});
