import fs from "node:fs";
import path from "node:path";
import { StartError } from "./errors.ts";

/** Where sandboxes find the certificates that the operator adds, below /etc. */
const NAME = "sandbox-certificates.pem";
const INSIDE = `/etc/${NAME}`;
/** The certificates that this machine's programs trust; distributions differ. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];
const MAX_BYTES = 5_000_000;

/** Each program has a variable of its own. Node's adds to what it trusts; the others take its place. */
const VARIABLES = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "PIP_CERT",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "CARGO_HTTP_CAINFO",
  "npm_config_cafile",
];

/**
 * Reads a file of certificates.
 * @throws StartError where it cannot be read, or has none
 */
export function readCertificates(file: string): string {
  let text: string;
  try {
    if (fs.statSync(file).size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(
      `--ca: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  if (!/-----BEGIN (TRUSTED )?CERTIFICATE-----/.test(text))
    throw new StartError(`--ca: ${file} has no certificate in PEM form.`);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw new StartError(`--ca: ${file} has a private key, which sandboxes must not see.`);
  return text;
}

/**
 * Puts certificates into the folder that all sandboxes see as /etc, together with those that this machine trusts.
 * @param etc that folder
 * @returns the variables by which programs find them
 */
export function addCertificates(etc: string, certificates: string): Record<string, string> {
  const system = SYSTEM_BUNDLES.find((file) => fs.existsSync(file));
  const all = [certificates, ...(system === undefined ? [] : [fs.readFileSync(system, "utf8")])];
  fs.writeFileSync(path.join(etc, NAME), all.map((text) => `${text.trimEnd()}\n`).join(""), { mode: 0o644 });
  return Object.fromEntries(VARIABLES.map((name) => [name, INSIDE]));
}
