import { createECDH, randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import webPush from "web-push";
import type { Id } from "#convex/_generated/dataModel.js";
import { type DeviceRow, sendByPush } from "#server/notifications/send.ts";

const keys = webPush.generateVAPIDKeys();
const settings = {
  STUDIO_ALLOW_PRIVATE_URLS: true,
  STUDIO_PUBLIC_URL: "https://studio.example.com",
  WEB_PUSH_PUBLIC_KEY: keys.publicKey as string | undefined,
  WEB_PUSH_PRIVATE_KEY: keys.privateKey,
  WEB_PUSH_SUBJECT: "mailto:operator@example.com",
};
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => settings,
}));

const posts: { url: string; headers: http.IncomingHttpHeaders; body: Buffer }[] = [];
let maker: http.Server;
let base: string;
beforeAll(async () => {
  maker = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { url = "", headers } = request;
      posts.push({ url, headers, body: Buffer.concat(pieces) });
      response.writeHead(Number(url.slice(1))).end();
    });
  });
  await new Promise<void>((resolve) => {
    maker.listen(0, "127.0.0.1", resolve);
  });
  // The library takes endpoints of HTTPS and HTTP alike; what may be called is the guard's matter.
  base = `http://127.0.0.1:${(maker.address() as AddressInfo).port}`;
});
afterAll(() => {
  maker.closeAllConnections();
  maker.close();
});

function device(status: number): DeviceRow {
  const browser = createECDH("prime256v1");
  return {
    _id: `device${status}` as Id<"pushSubscriptions">,
    endpoint: `${base}/${status}`,
    p256dh: browser.generateKeys("base64url"),
    auth: randomBytes(16).toString("base64url"),
  };
}
const telling = {
  id: "d1",
  organizationId: "org",
  organization: "Acme",
  kind: "approval" as const,
  sessionId: "s1",
  runId: "r1",
  key: "k1",
  title: "Fix it",
  text: "Run npm test",
  at: 1,
  more: 0,
  isOver: false,
};

async function push(...devices: DeviceRow[]) {
  const forgotten: string[] = [];
  const came = await sendByPush(devices, { notificationId: "n1", telling }, async (id) =>
    Promise.resolve(forgotten.push(id)),
  );
  return { came, forgotten };
}

test("a push is encrypted for its device, and a device that is gone is forgotten", async () => {
  const { came, forgotten } = await push(device(201), device(410), device(404));
  expect(came).toMatchObject({ outcome: "sent", status: 201 });
  expect(forgotten.toSorted()).toEqual(["device404", "device410"]);
  const { headers, body } = posts.find(({ url }) => url === "/201")!;
  expect(headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-encoding": "aes128gcm",
    urgency: "high",
    authorization: expect.stringMatching(/^vapid t=/),
  });
  expect(headers["content-length"]).toBe(String(body.length));
  expect(body.toString("latin1")).not.toContain("Fix it");
});

test("it is tried again where a maker is away, and not where no device is left", async () => {
  expect((await push(device(503), device(410))).came).toMatchObject({ outcome: "later", status: 503 });
  expect((await push(device(410))).came).toMatchObject({ outcome: "never", status: 410 });
  const odd = await push({ ...device(201), p256dh: "A".repeat(87) });
  expect(odd.forgotten).toEqual(["device201"]);
  settings.WEB_PUSH_PUBLIC_KEY = undefined;
  expect((await push(device(201))).came).toMatchObject({ outcome: "never" });
});
