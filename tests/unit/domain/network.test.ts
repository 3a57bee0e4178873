import { describe, expect, test } from "vitest";
import {
  checkPolicy,
  DEFAULT_POLICY,
  entryFor,
  listedHosts,
  MAX_POLICY_HOSTS,
  namesToAllow,
  NETWORK_PRESET_IDS,
  NETWORK_PRESETS,
  type NetworkPolicy,
  parseHost,
  policyAllows,
  policyWords,
} from "#domain/network.ts";

const listed = (...hosts: string[]): NetworkPolicy => ({ mode: "listed", presets: [], hosts });

describe("a host", () => {
  test.each([
    ["registry.example.com", "registry.example.com"],
    ["  Registry.Example.COM. ", "registry.example.com"],
    ["*.example.com", "*.example.com"],
    ["git.example.com:8443", "git.example.com:8443"],
    ["*.example.com:22", "*.example.com:22"],
    ["git.example.com.:8443", "git.example.com:8443"],
    ["npm.corp.internal", "npm.corp.internal"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ])("%s is spelled %s", (typed, entry) => {
    expect(parseHost(typed)).toMatchObject({ ok: true, entry });
  });

  test.each([
    ["", /Enter a host name/],
    ["https://registry.example.com", /without https/],
    ["registry.example.com/path", /without https/],
    ["10.0.0.1", /IP addresses/],
    ["10.0.0.1:80", /IP addresses/],
    ["[::1]:443", /IP addresses/],
    ["fd00::1", /IP addresses/],
    ["0x7f.1", /Enter a host name/],
    ["1.2.3.0x4", /Enter a host name/],
    ["2130706433", /Enter a host name/],
    ["localhost", /the sandbox itself/],
    ["a.localhost:80", /the sandbox itself/],
    ["studio.internal", /Studio itself/],
    ["convex.internal:3210", /Studio itself/],
    ["registry", /full name/],
    ["*.com", /too broad/],
    ["*", /Enter a host name/],
    ["a.*.example.com", /Enter a host name/],
    ["ex ample.com", /Enter a host name/],
    ["-a.example.com", /Enter a host name/],
    ["exämple.com", /Enter a host name/],
    ["a..example.com", /Enter a host name/],
    ["a.example.com:", /port/],
    ["a.example.com:0", /port/],
    ["a.example.com:65536", /port/],
    ["a.example.com:http", /port/],
    [`${"a".repeat(64)}.example.com`, /Enter a host name/],
    [`${"a.".repeat(130)}com`, /at most 253/],
    ["a\0.example.com", /Enter a host name/],
  ])("%j is refused with a sentence", (typed, fault) => {
    const parsed = parseHost(typed);
    expect(parsed.ok ? parsed.entry : parsed.fault).toMatch(fault);
    expect(parsed.ok).toBe(false);
  });
});

describe("a policy", () => {
  test("has each host and each preset once, in one spelling", () => {
    const checked = checkPolicy({
      mode: "listed",
      presets: ["pypi", "npm", "npm"],
      hosts: ["B.example.com", "a.example.com", "b.example.com."],
    });
    expect(checked).toEqual({
      ok: true,
      policy: { mode: "listed", presets: ["npm", "pypi"], hosts: ["b.example.com", "a.example.com"] },
    });
  });

  test("names the first host that is wrong, and has a bound", () => {
    expect(checkPolicy(listed("a.example.com", "10.0.0.1"))).toMatchObject({ ok: false });
    const many = Array.from({ length: MAX_POLICY_HOSTS + 1 }, (_, index) => `h${index}.example.com`);
    expect(checkPolicy(listed(...many))).toMatchObject({
      ok: false,
      fault: expect.stringMatching(/at most 50/),
    });
    expect(checkPolicy(listed(...many.slice(1)))).toMatchObject({ ok: true });
  });

  test("starts with npm, PyPI and GitHub", () => {
    expect(policyAllows(DEFAULT_POLICY, "registry.npmjs.org", 443)).toBe(true);
    expect(policyAllows(DEFAULT_POLICY, "pypi.org", 443)).toBe(true);
    expect(policyAllows(DEFAULT_POLICY, "objects.githubusercontent.com", 443)).toBe(true);
    expect(policyAllows(DEFAULT_POLICY, "crates.io", 443)).toBe(false);
    expect(policyWords(DEFAULT_POLICY)).toBe("Listed: npm, PyPI and GitHub");
  });

  test("lets wildcards and ports through as they stand", () => {
    const policy = listed("*.example.com", "git.example.org:8443");
    expect(policyAllows(policy, "a.b.example.com", 1)).toBe(true);
    expect(policyAllows(policy, "example.com", 443)).toBe(false);
    expect(policyAllows(policy, "notexample.com", 443)).toBe(false);
    expect(policyAllows(policy, "git.example.org", 8443)).toBe(true);
    expect(policyAllows(policy, "git.example.org", 443)).toBe(false);
  });

  test("lists nothing while it is closed or open", () => {
    expect(listedHosts({ ...DEFAULT_POLICY, mode: "closed" })).toEqual([]);
    expect(policyAllows({ ...DEFAULT_POLICY, mode: "closed" }, "registry.npmjs.org", 443)).toBe(false);
    expect(policyAllows({ ...DEFAULT_POLICY, mode: "open" }, "anything.example", 1)).toBe(true);
  });

  test("keeps a host with a port closed where the service can't hold it to one", () => {
    const policy = listed("a.example.com", "b.example.com:8443");
    expect(namesToAllow(policy, { ports: true })).toEqual(["a.example.com", "b.example.com:8443"]);
    expect(namesToAllow(policy, { ports: false })).toEqual(["a.example.com"]);
  });

  test("is said in a line", () => {
    expect(policyWords(listed())).toBe("Listed: nothing yet");
    expect(policyWords(listed("a.example.com"))).toBe("Listed: 1 host");
    expect(policyWords({ mode: "listed", presets: ["npm"], hosts: ["a.b.c", "d.e.f"] })).toBe(
      "Listed: npm and 2 hosts",
    );
  });
});

test("every preset has words, and hosts in their one spelling", () => {
  expect(new Set(NETWORK_PRESET_IDS).size).toBe(9);
  for (const { words, hosts } of NETWORK_PRESETS) {
    expect(words).toMatch(/\.$/);
    for (const host of hosts) expect(parseHost(host)).toMatchObject({ ok: true, entry: host });
  }
});

test("what would let a refused host through has its port, unless that is the web's", () => {
  expect(entryFor("a.example.com", 443)).toBe("a.example.com");
  expect(entryFor("a.example.com", 22)).toBe("a.example.com:22");
  expect(policyAllows(listed(entryFor("a.example.com", 22)), "a.example.com", 22)).toBe(true);
});
