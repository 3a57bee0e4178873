import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addCertificates, readCertificates } from "#sandbox-host/certificates.ts";

const ONE = "-----BEGIN CERTIFICATE-----\nb25l\n-----END CERTIFICATE-----";
let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "certificates-"));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const written = (name: string, text: string): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
};

test("the operator's certificates come first, and this machine's after them", () => {
  const etc = fs.mkdtempSync(path.join(folder, "etc-"));
  const variables = addCertificates(etc, readCertificates(written("ca.pem", ONE)));
  const [inside] = Object.values(variables);
  expect(new Set(Object.values(variables))).toEqual(new Set(["/etc/sandbox-certificates.pem"]));
  expect(Object.keys(variables)).toEqual(
    expect.arrayContaining([
      "NODE_EXTRA_CA_CERTS",
      "SSL_CERT_FILE",
      "REQUESTS_CA_BUNDLE",
      "PIP_CERT",
      "CURL_CA_BUNDLE",
      "GIT_SSL_CAINFO",
      "npm_config_cafile",
    ]),
  );
  const bundle = path.join(etc, path.basename(inside!));
  expect(fs.readFileSync(bundle, "utf8").startsWith(`${ONE}\n`)).toBe(true);
  expect(fs.statSync(bundle).mode & 0o777).toBe(0o644);
});

test.each([
  ["that is not there", "none.pem", undefined, /cannot read/],
  ["without a certificate", "empty.pem", "hello", /no certificate in PEM form/],
  [
    "with a private key",
    "key.pem",
    `${ONE}\n-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----`,
    /private key/,
  ],
])("a file %s is refused", (_what, name, text, why) => {
  const file = text === undefined ? path.join(folder, name) : written(name, text);
  expect(() => readCertificates(file)).toThrow(why);
});
