import fs from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";

/** Why Studio cannot start, in one sentence that says what to do. */
export class StartFailure extends Error {}

export const HELP = `npm start -- [options]

  --port 3000           where browsers reach Studio
  --public-url URL      where browsers reach Studio through your own TLS proxy: https://studio.example.com
  --data .studio        folder of all data
  --reset               starts over: deletes the data folder first
  --new-secrets         goes on without a secrets.json that was lost: people sign in again, provider keys are entered again
  --lean-sandboxes      sandboxes without npm, pnpm, bun and tsc: 220 MB less to fetch
  --convex-port 3210    the local services' own ports
  --site-port 3211
  --sandbox-port 3220
  --model-port 3230
  --preview-port 3240   where browsers reach previews of sandboxes
  --worker-port 3250    carries sessions in a process of its own, which says there that it is healthy
  --stripe-stand-in     stands in for Stripe, so that buying credits can be tried: no money moves
  --stripe-port 3260
  --public-address CIDR sandboxes may reach this block like a public address; may be given several times
  --sandbox-ca FILE     certificates (PEM) that programs in sandboxes trust besides this machine's
`;

export interface UpOptions {
  /** Absolute path. */
  data: string;
  reset: boolean;
  /** Makes new secrets over data whose own were lost. */
  newSecrets?: boolean;
  dev: boolean;
  help: boolean;
  /** Where browsers reach Studio, through a proxy of the operator's; without it, on this machine alone. An origin. */
  publicUrl?: string;
  /** Whether sandboxes do without the tools that npm ships. */
  leanSandboxes?: boolean;
  /** Blocks of addresses, as `10.20.0.0/16`, that count as public for sandboxes. */
  publicAddresses?: string[];
  /** Absolute path of certificates for sandboxes. */
  sandboxCa?: string;
  ports: {
    web: number;
    convex: number;
    site: number;
    sandbox: number;
    model: number;
    preview: number;
    worker?: number;
    /** Of what stands in for Stripe; without it nothing does. */
    stripe?: number;
  };
}

function port(text: string, flag: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65_535)
    throw new StartFailure(`--${flag}: “${text}” is not a port between 1 and 65535.`);
  return value;
}

/** Checked here as well as by the sandbox host, so that a slip is found before anything is built. */
function block(text: string): string {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(length) > (version === 4 ? 32 : 128))
    throw new StartFailure(
      `--public-address: “${text}” is not a block of addresses. Write it as 10.20.0.0/16, or 10.20.0.5/32 for one address.`,
    );
  return text;
}

/** An address that browsers may be given: by TLS, since passwords pass through it. */
function publicOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.href !== `${url.origin}/`)
    throw new StartFailure(
      `--public-url: “${text}” is not an address such as https://studio.example.com, without a path.`,
    );
  return url.origin;
}

/**
 * Looks whether the settings fit a Studio that others reach.
 * @throws StartFailure that names the first one that is missing
 */
export function checkPublic(
  { publicUrl }: UpOptions,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  if (publicUrl === undefined) return;
  for (const [name, what] of [
    [
      "CONVEX_PUBLIC_URL",
      "where browsers reach the data, through the same proxy: https://convex.example.com",
    ],
    ["CONVEX_PUBLIC_SITE_URL", "where the struere command reaches projects: https://sites.example.com"],
  ] as const)
    if (!environment[name])
      throw new StartFailure(`--public-url needs ${name}, ${what}. See docs/operating.md.`);
  const { CLERK_SECRET_KEY, STUDIO_EMBEDDED_AUTH_PUBLIC } = environment;
  if (!CLERK_SECRET_KEY && STUDIO_EMBEDDED_AUTH_PUBLIC !== "true")
    throw new StartFailure(
      "--public-url lets strangers reach the sign-in. Allow that with STUDIO_EMBEDDED_AUTH_PUBLIC=true, and say who may make an account with STUDIO_SIGN_UP=invited.",
    );
}

function certificates(file: string): string {
  const absolute = path.resolve(file);
  if (!fs.statSync(absolute, { throwIfNoEntry: false })?.isFile())
    throw new StartFailure(`--sandbox-ca: there is no file ${absolute}.`);
  return absolute;
}

/** @throws StartFailure that names the option that is wrong */
export function parseOptions(argv: string[]): UpOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        port: { type: "string", default: "3000" },
        "public-url": { type: "string" },
        data: { type: "string", default: ".studio" },
        reset: { type: "boolean", default: false },
        "new-secrets": { type: "boolean", default: false },
        dev: { type: "boolean", default: false },
        "lean-sandboxes": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        "convex-port": { type: "string", default: "3210" },
        "site-port": { type: "string", default: "3211" },
        "sandbox-port": { type: "string", default: "3220" },
        "model-port": { type: "string", default: "3230" },
        "preview-port": { type: "string", default: "3240" },
        "worker-port": { type: "string" },
        "stripe-stand-in": { type: "boolean", default: false },
        "stripe-port": { type: "string", default: "3260" },
        "public-address": { type: "string", multiple: true },
        "sandbox-ca": { type: "string" },
      },
    }));
  } catch (error) {
    // Node's own words, of which the first sentence says what is wrong.
    const [what = ""] = (error as Error).message.split(/[.\n]/);
    throw new StartFailure(
      `${what.charAt(0).toLowerCase()}${what.slice(1)}. This is what there is:\n\n${HELP}`,
    );
  }
  const ports = {
    web: port(values.port, "port"),
    convex: port(values["convex-port"], "convex-port"),
    site: port(values["site-port"], "site-port"),
    sandbox: port(values["sandbox-port"], "sandbox-port"),
    model: port(values["model-port"], "model-port"),
    preview: port(values["preview-port"], "preview-port"),
    ...(values["worker-port"] !== undefined && { worker: port(values["worker-port"], "worker-port") }),
    ...(values["stripe-stand-in"] && { stripe: port(values["stripe-port"], "stripe-port") }),
  };
  if (new Set(Object.values(ports)).size < Object.values(ports).length)
    throw new StartFailure("two services have been given the same port. Give each its own.");
  const ca = values["sandbox-ca"];
  return {
    data: path.resolve(values.data),
    reset: values.reset,
    newSecrets: values["new-secrets"],
    dev: values.dev,
    help: values.help,
    ...(values["public-url"] !== undefined && { publicUrl: publicOrigin(values["public-url"]) }),
    leanSandboxes: values["lean-sandboxes"],
    ...(values["public-address"] && { publicAddresses: values["public-address"].map(block) }),
    ...(ca !== undefined && { sandboxCa: certificates(ca) }),
    ports,
  };
}
