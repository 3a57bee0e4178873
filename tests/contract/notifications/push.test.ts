import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { importJWK, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import webPush from "web-push";
import type { Id } from "#convex/_generated/dataModel.js";
import { NOTIFICATION_LIMITS } from "#domain/notifications.ts";
import { isPair } from "#server/notifications/push.ts";
import { type DeviceRow, sendByPush, type Telling } from "#server/notifications/send.ts";

const keys = webPush.generateVAPIDKeys();
const SETTINGS = {
  STUDIO_ALLOW_PRIVATE_URLS: true,
  STUDIO_PUBLIC_URL: "https://studio.example.com",
  WEB_PUSH_PUBLIC_KEY: keys.publicKey as string | undefined,
  WEB_PUSH_PRIVATE_KEY: keys.privateKey,
  WEB_PUSH_SUBJECT: "mailto:operator@example.com",
};
const settings = { ...SETTINGS };
beforeEach(() => {
  Object.assign(settings, SETTINGS);
  posts.length = 0;
});
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

/** What a browser keeps for itself: it alone can read what is sent to it. */
function browser() {
  const ecdh = createECDH("prime256v1");
  const own = ecdh.generateKeys();
  const auth = randomBytes(16);
  /** Opens a body as RFC 8291 and RFC 8188 say, in one record. */
  function open(body: Buffer): unknown {
    const [salt, keyLength] = [body.subarray(0, 16), body[20]!];
    const sender = body.subarray(21, 21 + keyLength);
    const sealed = body.subarray(21 + keyLength);
    const derive = (from: Uint8Array, salted: Buffer, info: Buffer, bytes: number) =>
      Buffer.from(hkdfSync("sha256", from, salted, info, bytes));
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), own, sender]);
    const secret = derive(ecdh.computeSecret(sender), auth, info, 32);
    const key = derive(secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = derive(secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    const end = padded.lastIndexOf(2);
    return JSON.parse(padded.subarray(0, end).toString());
  }
  return { p256dh: own.toString("base64url"), auth: auth.toString("base64url"), open };
}

function device(status: number, { p256dh, auth } = browser()): DeviceRow {
  return { _id: `device${status}` as Id<"pushSubscriptions">, endpoint: `${base}/${status}`, p256dh, auth };
}
const telling: Telling = {
  id: "d1",
  organizationId: "org",
  organization: "Acme",
  kind: "approval",
  sessionId: "s1",
  runId: "r1",
  key: "k1",
  title: "Fix it",
  text: "Run npm test",
  at: 1,
  more: 0,
  isOver: false,
};

async function push(devices: DeviceRow[], more: Partial<Telling> = {}) {
  const forgotten: string[] = [];
  const told = { notificationId: "n1", telling: { ...telling, ...more } };
  const came = await sendByPush(devices, told, async (id) => Promise.resolve(forgotten.push(id)));
  return { came, forgotten };
}

test("a push can be read by its device alone", async () => {
  const own = browser();
  expect(await push([device(201, own)])).toEqual({
    came: { outcome: "sent", status: 201 },
    forgotten: [],
  });
  const { headers, body } = posts[0]!;
  expect(headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-encoding": "aes128gcm",
    "content-length": String(body.length),
    ttl: "3600",
    urgency: "high",
  });
  expect(body.toString("latin1")).not.toContain("Fix it");
  expect(own.open(body)).toEqual({
    id: "n1",
    title: "Needs approval: Fix it",
    body: "Run npm test",
    path: "/approvals?kind=approval&run=r1&key=k1",
  });
  expect(() => browser().open(body)).toThrow();
});

test("a push says who sends it, to that maker alone and for a day at most", async () => {
  await push([device(201)]);
  const { t = "", k } = /^vapid t=(?<t>[\w.-]+), k=(?<k>[\w-]+)$/.exec(
    posts[0]!.headers.authorization ?? "",
  )!.groups!;
  expect(k).toBe(keys.publicKey);
  const point = Buffer.from(keys.publicKey, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const key = await importJWK({ kty: "EC", crv: "P-256", x: x!, y: y! }, "ES256");
  const { payload } = await jwtVerify(t, key, { audience: base });
  expect(payload.sub).toBe("mailto:operator@example.com");
  const seconds = payload.exp! - Date.now() / 1_000;
  expect(seconds).toBeGreaterThan(60);
  expect(seconds).toBeLessThanOrEqual(24 * 3_600);
});

test("what an agent wrote is one plain line, and the longest still fits", async () => {
  const own = browser();
  await push([device(201, own)], { title: "a\nb\u202ec", text: "<b>x</b>\r\n\0y", more: 2 });
  expect(own.open(posts[0]!.body)).toMatchObject({
    title: "Needs approval: a b c",
    body: "<b>x</b> y\nAnd 2 more in Studio.",
  });
  const { came } = await push([device(201, own)], {
    title: "字".repeat(NOTIFICATION_LIMITS.titleChars),
    text: "字".repeat(NOTIFICATION_LIMITS.textChars),
    key: "字".repeat(100),
  });
  expect(came.outcome).toBe("sent");
  // More than that no maker has to take (RFC 8030).
  expect(posts[1]!.body.length).toBeLessThanOrEqual(4_096);
});

test("an end is less urgent, and waits longer for its device", async () => {
  await push([device(201)], { kind: "finished" });
  expect(posts[0]!.headers).toMatchObject({ urgency: "normal", ttl: "86400" });
});

test("a device that is gone is forgotten, and holds up no other", async () => {
  const { came, forgotten } = await push([device(201), device(410), device(404)]);
  expect(came).toMatchObject({ outcome: "sent", status: 201 });
  expect(forgotten.toSorted()).toEqual(["device404", "device410"]);
});

test("it is tried again where a maker is away, and not where no device is left", async () => {
  expect((await push([device(503), device(410)])).came).toMatchObject({ outcome: "later", status: 503 });
  expect((await push([device(410)])).came).toMatchObject({ outcome: "never", status: 410 });
});

test("keys that a maker refuses are tried no more, and cost nobody their device", async () => {
  expect(await push([device(403)])).toMatchObject({ came: { outcome: "never", status: 403 }, forgotten: [] });
  settings.WEB_PUSH_SUBJECT = "operator";
  expect(await push([device(201)])).toMatchObject({ came: { outcome: "later" }, forgotten: [] });
});

test("the operator's keys are of one pair, or it is said", () => {
  expect(isPair(keys.publicKey, "A".repeat(43))).toBe(false);
  expect(isPair(keys.publicKey, webPush.generateVAPIDKeys().privateKey)).toBe(false);
  expect(isPair(keys.publicKey, keys.privateKey)).toBe(true);
});

test("keys that are none have their device forgotten, and nothing sent", async () => {
  for (const odd of [{ p256dh: "A".repeat(87) }, { p256dh: "B".repeat(100) }, { auth: "A".repeat(16) }]) {
    const { forgotten, came } = await push([{ ...device(201), ...odd }]);
    expect({ forgotten, outcome: came.outcome }).toEqual({ forgotten: ["device201"], outcome: "never" });
  }
  expect(posts).toEqual([]);
});

test("nothing is sent to an inside address, or without encryption, or where the operator has set no keys", async () => {
  settings.STUDIO_ALLOW_PRIVATE_URLS = false;
  const inside = { ...device(201), endpoint: base.replace("http:", "https:") };
  for (const one of [inside, device(201)]) {
    const { came } = await push([one]);
    expect(came).toMatchObject({ status: null, error: expect.any(String) });
    expect(came.outcome).not.toBe("sent");
  }
  settings.STUDIO_ALLOW_PRIVATE_URLS = true;
  settings.WEB_PUSH_PUBLIC_KEY = undefined;
  expect((await push([device(201)])).came).toMatchObject({ outcome: "never" });
  expect(posts).toEqual([]);
});
