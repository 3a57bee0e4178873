import { describe, expect, test } from "vitest";
import {
  allowsAddress,
  allowsPublished,
  invalidRules,
  matchesName,
  mayAllow,
  type NetworkRules,
  normalizeHost,
} from "#sandbox-host/network/rules.ts";

const OPEN: NetworkRules = { allowOut: [], denyOut: [], allowInternetAccess: true };
const CLOSED: NetworkRules = { ...OPEN, allowInternetAccess: false };
const to = (host: string, port = 443) => ({ host, port });
const denyAllBut = (...allowOut: string[]): NetworkRules => ({ ...OPEN, denyOut: ["0.0.0.0/0"], allowOut });

test("hosts are compared without case, brackets or the root's dot", () => {
  expect(normalizeHost("API.Example.com.")).toBe("api.example.com");
  expect(normalizeHost("[::1]")).toBe("::1");
});

test("a wildcard matches below its domain, and nothing beside it", () => {
  expect(matchesName("*.example.com", "api.example.com")).toBe(true);
  expect(matchesName("*.example.com", "a.b.example.com")).toBe(true);
  expect(matchesName("*.example.com", "example.com")).toBe(false);
  expect(matchesName("*.example.com", "badexample.com")).toBe(false);
  expect(matchesName("example.com", "example.com.evil.org")).toBe(false);
  expect(matchesName("Example.com", "example.COM.")).toBe(true);
});

describe("addresses", () => {
  test("everything by default, nothing without internet access", () => {
    expect(allowsAddress(OPEN, to("example.com"), "1.1.1.1")).toBe(true);
    expect(allowsAddress(CLOSED, to("example.com"), "1.1.1.1")).toBe(false);
  });

  test("denied blocks are denied, in their family only", () => {
    const rules = { ...OPEN, denyOut: ["8.8.8.0/24", "2606:4700::/32"] };
    expect(allowsAddress(rules, to("a"), "8.8.8.8")).toBe(false);
    expect(allowsAddress(rules, to("a"), "8.8.9.8")).toBe(true);
    expect(allowsAddress(rules, to("a"), "2606:4700::1")).toBe(false);
    expect(allowsAddress(rules, to("a"), "2a00::1")).toBe(true);
  });

  test("all IPv4 denied means all denied", () => {
    expect(allowsAddress(denyAllBut(), to("a"), "2a00::1")).toBe(false);
  });

  test("what is allowed wins over what is denied: by name, address, block", () => {
    const rules = denyAllBut("api.example.com", "*.npmjs.org", "8.8.8.8", "9.9.9.0/24");
    expect(allowsAddress(rules, to("api.example.com"), "1.1.1.1")).toBe(true);
    expect(allowsAddress(rules, to("registry.npmjs.org"), "1.1.1.1")).toBe(true);
    expect(allowsAddress(rules, to("www.example.com"), "1.1.1.1")).toBe(false);
    expect(allowsAddress(rules, to("anything"), "8.8.8.8")).toBe(true);
    expect(allowsAddress(rules, to("anything"), "9.9.9.200")).toBe(true);
    expect(allowsAddress(rules, to("9.9.8.1"), "9.9.8.1")).toBe(false);
  });
});

test("a published name needs to be named, or nothing denied as a whole", () => {
  expect(allowsPublished(OPEN, to("studio.internal"))).toBe(true);
  expect(allowsPublished({ ...OPEN, denyOut: ["8.8.8.8"] }, to("studio.internal"))).toBe(true);
  expect(allowsPublished(CLOSED, to("studio.internal"))).toBe(false);
  expect(allowsPublished(denyAllBut("studio.internal"), to("Studio.internal"))).toBe(true);
  expect(allowsPublished(denyAllBut("127.0.0.1"), to("studio.internal"))).toBe(false);
});

test("a name that no rule can allow is not looked up", () => {
  expect(mayAllow(denyAllBut("api.example.com"), to("data.evil.org"))).toBe(false);
  expect(mayAllow(denyAllBut("api.example.com"), to("api.example.com"))).toBe(true);
  expect(mayAllow(denyAllBut("9.9.9.9"), to("dns.quad9.net"))).toBe(true);
  expect(mayAllow(CLOSED, to("example.com"))).toBe(false);
});

test("a name with a port is let through on that port alone", () => {
  const rules = denyAllBut("git.example.com:8443", "*.example.org:22");
  expect(allowsAddress(rules, to("git.example.com", 8443), "1.1.1.1")).toBe(true);
  expect(allowsAddress(rules, to("git.example.com"), "1.1.1.1")).toBe(false);
  expect(allowsAddress(rules, to("a.example.org", 22), "1.1.1.1")).toBe(true);
  expect(mayAllow(rules, to("a.example.org", 23))).toBe(false);
  expect(invalidRules(rules)).toBeUndefined();
  for (const bad of ["a.com:", "a.com:0", "a.com:65536", "1.1.1.1:80", "[::1]:80", ":80", "a.com:80:80"])
    expect(invalidRules(denyAllBut(bad)), bad).toMatch(/allowOut/);
});

test("rules that E2B refuses are refused", () => {
  expect(invalidRules(OPEN)).toBeUndefined();
  expect(
    invalidRules(denyAllBut("api.example.com", "*.example.com", "1.1.1.1", "10.0.0.0/8")),
  ).toBeUndefined();
  expect(invalidRules({ ...CLOSED, allowOut: ["api.example.com"] })).toBeUndefined();
  expect(invalidRules({ ...OPEN, allowOut: ["api.example.com"] })).toMatch(
    /need denyOut to contain '0.0.0.0\/0'/,
  );
  expect(invalidRules({ ...OPEN, denyOut: ["example.com"] })).toMatch(/neither an IP address nor a CIDR/);
  expect(invalidRules({ ...OPEN, denyOut: ["1.1.1.1/33"] })).toMatch(/1.1.1.1\/33/);
  expect(invalidRules({ ...OPEN, denyOut: ["::1/129"] })).toMatch(/::1\/129/);
  for (const bad of ["", "http://x", "a b", "*", "*.*.com", "-x.com", "x/y"]) {
    expect(invalidRules(denyAllBut(bad)), bad).toMatch(/allowOut/);
  }
});
