import { describe, expect, test } from "vitest";
import { isPublicAddress as ofSandboxHost } from "../../lib/sandbox-host/network/addresses.ts";
import { isPublicAddress as ofServer } from "../../lib/server/net/addresses.ts";

// The sandbox host imports nothing of ours, so the list stands twice: here both must say the same.
describe.each([
  ["sandbox host", ofSandboxHost],
  ["server", ofServer],
])("the %s", (_name, isPublicAddress) => {
  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:800::200e",
  ])("%s is public", (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "",
    "localhost",
    "127.1",
    "2130706433",
    "1.1.1.1 ",
  ])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false));
});
