import path from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "./errors.ts";
import type { Limits } from "./walls/cgroups.ts";
import type { EgressTarget, PublishedName } from "./network/egress.ts";
import { type AddressBlock, parseAddressBlock } from "./network/public-addresses.ts";

/** The command line, checked. */
export interface HostOptions {
  /** 0 takes any free port. */
  port: number;
  /** Absolute path. */
  dataFolder: string;
  /** What `getHost` builds addresses on, such as `sandbox.example.com` or `localhost:3220`. */
  domain: string;
  apiKey: string;
  /** Template name to folder. */
  templates: Map<string, string>;
  published: PublishedName[];
  egress: EgressTarget[];
  /** Blocks of addresses that count as public. */
  publicAddresses: AddressBlock[];
  /** Absolute path of a file with certificates for sandboxes. */
  caFile: string | undefined;
  /** What each sandbox may use. */
  limits: Limits;
  /** How many sandboxes are kept started for callers to come. */
  ready: number;
}

/** Threads count as processes, and a runtime such as Node starts a dozen of them. */
const DEFAULT_LIMITS: Limits = { memoryMb: 2048, cpus: 2, processes: 1024, diskMb: 10_240, files: 1_000_000 };
const DEFAULT_READY = 1;
/** Each takes memory while nobody uses it. */
const MAX_READY = 16;
const LIMIT_FLAGS = {
  memoryMb: "memory-mb",
  cpus: "cpus",
  processes: "processes",
  diskMb: "disk-mb",
  files: "files",
} as const;

export const USAGE =
  "E2B_API_KEY=<key> sandbox-host --port N --data <folder> --domain <domain[:port]>" +
  " [--template name=folder …] [--publish name:port=127.0.0.1:port …] [--egress host[:port] …]" +
  " [--public-address block …] [--ca file]" +
  " [--memory-mb N] [--cpus N] [--processes N] [--disk-mb N] [--files N] [--ready N]";

const DNS_NAME = /^(?=.*[a-z])([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const TEMPLATE_NAME = /^[a-z0-9][a-z0-9_.-]*$/i;

function parsePort(text: string, flag: string, lowest: 0 | 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < lowest || port > 65_535) {
    throw new StartError(`${flag}: '${text}' is not a port between ${lowest} and 65535.`);
  }
  return port;
}

function parseTemplate(text: string): [string, string] {
  const [, name = "", folder = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (!TEMPLATE_NAME.test(name) || folder === "") {
    throw new StartError(`--template: '${text}' is not of the form name=folder.`);
  }
  return [name, path.resolve(folder)];
}

function parsePublished(text: string): PublishedName {
  const [, name = "", port = "", targetPort = ""] =
    /^([^:=]+):(\d+)=127\.0\.0\.1:(\d+)$/.exec(text.toLowerCase()) ?? [];
  if (!DNS_NAME.test(name) || name === "localhost") {
    throw new StartError(
      `--publish: '${text}' is not of the form name:port=127.0.0.1:port, where name is a host name of its own.`,
    );
  }
  return {
    name,
    port: parsePort(port, "--publish", 1),
    targetPort: parsePort(targetPort, "--publish", 1),
  };
}

function parseEgress(text: string): EgressTarget {
  const [, host = "", port] = /^([^:]+?)(?::(\d+))?$/.exec(text.toLowerCase()) ?? [];
  const bare = host.replace(/^\*\./, "");
  if (!DNS_NAME.test(bare) && !/^\d+\.\d+\.\d+\.\d+$/.test(bare)) {
    throw new StartError(`--egress: '${text}' is not of the form host:port.`);
  }
  return port === undefined ? { host } : { host, port: parsePort(port, "--egress", 1) };
}

function parsePublic(text: string): AddressBlock {
  const block = parseAddressBlock(text);
  if (!block)
    throw new StartError(`--public-address: '${text}' is not a block of addresses, such as 10.20.0.0/16.`);
  return block;
}

function parseReady(text: string | undefined): number {
  if (text === undefined) return DEFAULT_READY;
  if (!/^\d{1,2}$/.test(text) || Number(text) > MAX_READY) {
    throw new StartError(`--ready: '${text}' is not a whole number from 0 to ${MAX_READY}.`);
  }
  return Number(text);
}

/**
 * Reads the command line.
 * @throws StartError naming the flag that is missing or wrong.
 */
export function parseOptions(argv: readonly string[], environment = process.env): HostOptions {
  const single = { type: "string" } as const;
  const many = { type: "string", multiple: true } as const;
  let values: ReturnType<typeof parse>["values"];
  const parse = () =>
    parseArgs({
      args: [...argv],
      options: {
        port: single,
        data: single,
        domain: single,
        "api-key": single,
        template: many,
        publish: many,
        egress: many,
        "public-address": many,
        ca: single,
        "memory-mb": single,
        cpus: single,
        processes: single,
        "disk-mb": single,
        files: single,
        ready: single,
      },
    });
  try {
    ({ values } = parse());
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : String(error)} Usage: ${USAGE}`);
  }
  const required = (flag: "port" | "data" | "domain"): string => {
    const value = values[flag];
    if (value === undefined || value === "") throw new StartError(`--${flag} is missing. Usage: ${USAGE}`);
    return value;
  };
  const limit = (name: keyof Limits): number => {
    const flag = LIMIT_FLAGS[name];
    const text = values[flag];
    if (text === undefined) return DEFAULT_LIMITS[name];
    if (!/^[1-9]\d{0,8}$/.test(text))
      throw new StartError(`--${flag}: '${text}' is not a whole number above 0.`);
    return Number(text);
  };
  const domain = required("domain").toLowerCase();
  if (!/^[a-z0-9.-]+(:\d+)?$/.test(domain)) {
    throw new StartError(`--domain: '${domain}' is not of the form domain or domain:port.`);
  }
  // By the environment where others use the machine: they may read a process's arguments.
  const apiKey = values["api-key"] || environment.E2B_API_KEY;
  if (!apiKey) throw new StartError(`--api-key is missing, and E2B_API_KEY is not set. Usage: ${USAGE}`);
  const templates = new Map((values.template ?? []).map(parseTemplate));
  if (templates.has("base")) throw new StartError("--template: the name 'base' is the built-in template's.");
  return {
    port: parsePort(required("port"), "--port", 0),
    dataFolder: path.resolve(required("data")),
    domain,
    apiKey,
    templates,
    published: (values.publish ?? []).map(parsePublished),
    egress: (values.egress ?? []).map(parseEgress),
    publicAddresses: (values["public-address"] ?? []).map(parsePublic),
    caFile: values.ca === undefined ? undefined : path.resolve(values.ca),
    limits: {
      memoryMb: limit("memoryMb"),
      cpus: limit("cpus"),
      processes: limit("processes"),
      diskMb: limit("diskMb"),
      files: limit("files"),
    },
    ready: parseReady(values.ready),
  };
}
