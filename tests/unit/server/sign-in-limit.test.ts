import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientAddress } from "#server/http/connection.ts";
import { browserCookie, requestLimit, trySignIn } from "#server/auth/sign-in-limit.ts";

vi.hoisted(() => {
  Object.assign(process.env, {
    STUDIO_PUBLIC_URL: "http://localhost:3000",
    STUDIO_AUTH_SECRET: "s".repeat(32),
    STUDIO_DATA_DIR: "unused",
    STUDIO_SIGNING_KEY: "{}",
    STUDIO_KEK: "k".repeat(44),
    CONVEX_URL: "http://localhost:1",
    CONVEX_SITE_URL: "http://localhost:2",
    E2B_API_KEY: "unused",
  });
});

const RULE = { window: 60, max: 3 };

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test("refuses what is over the quota of a window, and says for how long", async () => {
  for (let i = 0; i < RULE.max; i++)
    expect(await requestLimit.consume("quota", RULE)).toEqual({ allowed: true, retryAfter: null });
  vi.advanceTimersByTime(20_000);
  expect(await requestLimit.consume("quota", RULE)).toEqual({ allowed: false, retryAfter: 40 });
  expect(await requestLimit.consume("another", RULE)).toMatchObject({ allowed: true });
});

test("people who come steadily, below the quota, are never locked out", async () => {
  for (let i = 0; i < 50; i++) {
    expect(await requestLimit.consume("office", RULE), `request ${i}`).toMatchObject({ allowed: true });
    vi.advanceTimersByTime(25_000);
  }
});

describe("SEC-6: sign-in", () => {
  const attempt = (account: string, address: string, cookies = "") =>
    trySignIn({ account, address, cookies });
  const fail = async (account: string, address: string, cookies = "") =>
    "waitS" in (await attempt(account, address, cookies)) ? "refused" : "failed";

  test("an account takes ten failures, from however many addresses, and however many at once", async () => {
    const all = await Promise.all(Array.from({ length: 60 }, (_, i) => fail("a@x", `198.51.100.${i}`)));
    expect(all.filter((result) => result === "failed")).toHaveLength(10);
  });

  test("right passwords do not count, for the account or for the address", async () => {
    for (let i = 0; i < 300; i += 1) {
      const found = await attempt(`office-${i % 3}`, "office");
      if ("waitS" in found) throw new Error(`refused at ${i}`);
      await found.succeeded();
    }
  });

  test("an address's failures end with its own", async () => {
    for (let i = 0; i < 100; i += 1) expect(await fail(`s${i}`, "sprayer")).toBe("failed");
    expect(await fail("one more", "sprayer")).toBe("refused");
    expect(await fail("one more", "elsewhere")).toBe("failed");
  });

  test("a neighbor's failures do not lock out whoever has signed in from this browser before", async () => {
    const cookie = browserCookie("victim@x").split(";")[0] ?? "";
    for (let i = 0; i < 20; i += 1) await fail("victim@x", "office");
    for (let i = 0; i < 120; i += 1) await fail(`other-${i}`, "office");
    expect(await fail("victim@x", "office")).toBe("refused");
    expect("succeeded" in (await attempt("victim@x", "office", cookie))).toBe(true);
    const foreign = browserCookie("attacker@x").split(";")[0] ?? "";
    expect(await fail("victim@x", "office", foreign)).toBe("refused");
  });

  test("a known browser has ten failures of its own", async () => {
    const cookie = browserCookie("mine@x").split(";")[0] ?? "";
    const all: string[] = [];
    for (let i = 0; i < 12; i += 1) all.push(await fail("mine@x", "home", cookie));
    expect(all.filter((result) => result === "failed")).toHaveLength(10);
  });

  test.each([
    { trusted: 0, header: "203.0.113.9", address: "10.0.0.1" },
    { trusted: 0, header: undefined, address: "10.0.0.1" },
    { trusted: 1, header: "1.2.3.4, 203.0.113.9", address: "203.0.113.9" },
    { trusted: 2, header: "1.2.3.4, 203.0.113.9, 10.0.0.2", address: "203.0.113.9" },
    { trusted: 1, header: undefined, address: "10.0.0.1" },
  ])("the client behind $trusted proxies with “$header” is $address", ({ trusted, header, address }) => {
    expect(clientAddress(header, "10.0.0.1", trusted)).toBe(address);
  });
});
