import { expect, test } from "vitest";
import { passwordFault } from "#server/auth/password.ts";

const OWN = ["ada.lovelace@engines.example", "Ada Lovelace"];

test.each([
  "short",
  "1234567890",
  "0987654321",
  "aaaaaaaaaa",
  "abcdefghijkl",
  "qwertyuiop",
  "password123",
  "passwordpassword",
  "adalovelace1",
  "x".repeat(129),
])("SEC-22: “%s” is refused", (password) => {
  expect(passwordFault(password, OWN)).toEqual(expect.any(String));
});

test.each([
  "a long enough password",
  "kX7-pq9_vLm2Zt",
  "correct horse battery staple",
  "Żółta łódź 42 pływa",
])("SEC-22: “%s” is taken", (password) => {
  expect(passwordFault(password, OWN)).toBeNull();
});
