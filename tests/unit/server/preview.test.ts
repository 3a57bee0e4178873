import { beforeAll, describe, expect, test } from "vitest";
import { cookieOf, towardsApp, towardsBrowser } from "#server/preview/headers.ts";
import { openPass, type Pass, sealPass, UsedTickets } from "#server/preview/pass.ts";
import { canPreview, placeOf } from "#server/preview/place.ts";

const ID = "j57c1pw9wmb97xvsnn5vnzhv0s8jjv14";
const pass: Pass = {
  kind: "ticket",
  sessionId: ID,
  port: 3000,
  caller: { kind: "member", organizationId: "o", userId: "u", role: "member", name: "Mara" },
  expiresAt: 2_000,
  id: "t",
};

describe("a pass", () => {
  beforeAll(() => {
    Object.assign(process.env, {
      STUDIO_PUBLIC_URL: "http://localhost:3000",
      STUDIO_AUTH_SECRET: "x".repeat(32),
      STUDIO_DATA_DIR: "/tmp",
      STUDIO_SIGNING_KEY: "{}",
      CONVEX_URL: "http://127.0.0.1:1",
      CONVEX_SITE_URL: "http://127.0.0.1:2",
      E2B_API_KEY: "e2b_x",
      STUDIO_KEK: `1:${"A".repeat(44)}`,
    });
  });

  const wanted = { kind: "ticket" as const, sessionId: ID, port: 3000 };
  test("opens the one place it is for, in time", () => {
    const sealed = sealPass(pass);
    expect(openPass(sealed, wanted, 1_999)).toEqual(pass);
    expect(openPass(sealed, wanted, 2_000)).toBeUndefined();
    expect(openPass(sealed, { ...wanted, port: 3001 }, 0)).toBeUndefined();
    expect(openPass(sealed, { ...wanted, sessionId: ID.replace("j", "k") }, 0)).toBeUndefined();
    expect(openPass(sealed, { ...wanted, kind: "visit" }, 0)).toBeUndefined();
  });

  test("is no one else's to make or change", () => {
    const [text = "", signature = ""] = sealPass(pass).split(".");
    const changed = Buffer.from(JSON.stringify({ ...pass, port: 3001 })).toString("base64url");
    for (const bad of [
      "",
      ".",
      "x",
      `${text}.`,
      `.${signature}`,
      `${changed}.${signature}`,
      `${text}.${signature}x`,
    ])
      expect(openPass(bad, { ...wanted, port: 3001 }, 0), bad).toBeUndefined();
  });
});

test.each([
  [`3000-${ID}.localhost:3240`, { port: 3000, sessionId: ID }],
  [`3000-${ID.toUpperCase()}.LOCALHOST`, { port: 3000, sessionId: ID }],
  ["localhost:3240", undefined],
  [`0-${ID}.localhost`, undefined],
  [`70000-${ID}.localhost`, undefined],
  [`3000-${ID}`, undefined],
  [undefined, undefined],
])("the host %s is %j", (host, place) => expect(placeOf(host, "http://*.localhost:3240")).toEqual(place));

test("SEC-26: a name with another ending is no preview of ours", () => {
  const host = `3000-${ID}.preview.example`;
  expect(placeOf(host, "https://*.preview.example")).toEqual({ port: 3000, sessionId: ID });
  for (const other of [`${host}.evil.example`, `3000-${ID}.evil.example`, `3000-${ID}.`, `x.${host}`])
    expect(placeOf(other, "https://*.preview.example"), other).toBeUndefined();
  expect(placeOf(host, undefined)).toBeUndefined();
});

test.each([2468, 2469, 3128, 49_983])("SEC-27: port %i is the sandbox's own, and no app's", (port) => {
  expect(placeOf(`${port}-${ID}.localhost`, "http://*.localhost:3240")).toBeUndefined();
  expect(canPreview(port)).toBe(false);
});

test("SEC-26: a ticket is good once, and remembered no longer than it would be", () => {
  const used = new UsedTickets();
  expect(used.use(pass, 1_000)).toBe(true);
  expect(used.use(pass, 1_001)).toBe(false);
  expect(used.use({ ...pass, id: "another" }, 1_002)).toBe(true);
  expect(used.use({ ...pass, expiresAt: 9_000 }, 2_001)).toBe(true);
});

test("the app gets its own cookies and headers, and none of ours", () => {
  const raw = [
    ["Host", "x.localhost"],
    ["Cookie", "a=1; studio_preview=secret; b=2"],
    ["Authorization", "Bearer app"],
    ["E2b-Sandbox-Id", "other"],
    ["E2B-Traffic-Access-Token", "t"],
    ["X-Forwarded-Host", "evil"],
    ["Connection", "keep-alive"],
    ["Accept", "*/*"],
  ];
  expect(towardsApp(raw.flat())).toEqual([
    ["Cookie", "a=1; b=2"],
    ["Authorization", "Bearer app"],
    ["Accept", "*/*"],
  ]);
  expect(towardsApp(["cookie", "studio_preview=secret"])).toEqual([]);
  expect(towardsApp(["Connection", "Upgrade", "Upgrade", "websocket"], true)).toHaveLength(2);
  expect(cookieOf("a=1; studio_preview=x.y=z")).toBe("x.y=z");
  expect(cookieOf(undefined)).toBeUndefined();
});

test("the browser may show it within Studio alone, and stays in the preview", () => {
  const answer = (raw: string[]) =>
    towardsBrowser(raw, "http://localhost:3000", ["http://127.0.0.1:3220", "http://localhost:8080"]);
  const framing = ["content-security-policy", "frame-ancestors http://localhost:3000"];
  expect(
    answer([
      "X-Frame-Options",
      "DENY",
      "Set-Cookie",
      "studio_preview=mine",
      "Set-Cookie",
      "a=1; Domain=x; samesite=Lax; HttpOnly",
    ]),
  ).toEqual([["Set-Cookie", "a=1; HttpOnly; Secure; SameSite=None; Partitioned"], framing]);
  expect(answer(["Location", "http://localhost:8080/login?x"])).toEqual([["Location", "/login?x"], framing]);
  expect(answer(["Location", "https://elsewhere.example/"])).toEqual([
    ["Location", "https://elsewhere.example/"],
    framing,
  ]);
  expect(answer(["Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"])[0]).toEqual([
    "Content-Security-Policy",
    "default-src 'self'",
  ]);
});
