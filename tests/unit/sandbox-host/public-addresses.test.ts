import { expect, test } from "vitest";
import { parseAddressBlock, PublicAddresses } from "#sandbox-host/network/public-addresses.ts";

const declaring = (...blocks: string[]) =>
  new PublicAddresses(blocks.map((text) => parseAddressBlock(text)!));

test("without a declaration, what the internet reaches is public", () => {
  const addresses = declaring();
  expect(addresses.has("8.8.8.8")).toBe(true);
  expect(addresses.has("2606:4700::1")).toBe(true);
  for (const address of ["10.1.2.3", "192.168.0.1", "203.0.113.9", "fd00::1", "nonsense", ""])
    expect(addresses.has(address), address).toBe(false);
});

test("a declared block counts as public, and nothing beside it", () => {
  const addresses = declaring("10.20.0.0/16", "fd00:20::/32", "203.0.113.80/32");
  for (const address of ["10.20.0.1", "10.20.255.255", "fd00:20::5", "203.0.113.80", "8.8.8.8"])
    expect(addresses.has(address), address).toBe(true);
  for (const address of ["10.21.0.1", "fd00:21::5", "203.0.113.81", "192.168.0.1"])
    expect(addresses.has(address), address).toBe(false);
});

test("no declaration opens this machine, metadata servers, or an IPv4 address within IPv6", () => {
  const addresses = declaring("0.0.0.0/0", "::/0");
  for (const address of [
    "0.0.0.0",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "0:0:0:0:0:ffff:7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
  ])
    expect(addresses.has(address), address).toBe(false);
  expect(addresses.has("10.0.0.1")).toBe(true);
  expect(addresses.has("fd00::1")).toBe(true);
});
