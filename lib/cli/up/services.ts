import fs from "node:fs";
import path from "node:path";
import { WELCOME_MICRO_USD } from "#domain/ledger.ts";
import type { UpOptions } from "./options.ts";
import { jwksUri, type Secrets, writePrivate } from "./secrets.ts";

/** One local service: how it is started, and where it says that it is ready. */
export interface Service {
  name: string;
  /** Arguments of Node 24. */
  args: string[];
  env: Record<string, string>;
  readyUrl: string;
  /** How long it may take until it is ready. */
  readyMs: number;
}

export const STUDIO_NAME = "studio.internal";
export const CONVEX_NAME = "convex.internal";

/** Where one of them is set, model calls on credits are paid by the operator. */
const PLATFORM_KEYS = [
  "XAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "GOOGLE_GENERATIVE_AI_API_KEY",
  "OPENROUTER_API_KEY",
];

const loopback = (port: number) => `http://127.0.0.1:${port}`;

/** Where people's browsers find this Studio. */
export function publicUrl(options: UpOptions): string {
  return options.publicUrl ?? `http://localhost:${options.ports.web}`;
}

/** Whether the demo model does the same with everything, and is what is chosen where nobody chose. */
const isFake = () => process.env.STUDIO_LLM_BACKEND === "fake";

/** What only fits a Studio that nobody else reaches. */
const onThisMachine = (ports: UpOptions["ports"]) => ({
  // Browsers find every name below localhost on this machine.
  STUDIO_PREVIEW_URL: `http://*.localhost:${ports.preview}`,
  // On one's own machine a model server next door is what one wants.
  STUDIO_ALLOW_PRIVATE_URLS: "true",
});

/** What holds behind a proxy unless the operator says otherwise. */
const forOthers = () => ({
  STUDIO_TRUSTED_PROXIES: process.env.STUDIO_TRUSTED_PROXIES || "1",
});

/** The web server's settings, as `lib/server/env.ts` reads them. */
export function webEnvironment(options: UpOptions, secrets: Secrets): Record<string, string> {
  const { ports } = options;
  const welcome = process.env.STUDIO_WELCOME_MICRO_USD;
  return {
    STUDIO_PUBLIC_URL: publicUrl(options),
    STUDIO_AUTH_SECRET: secrets.authSecret,
    STUDIO_PREVIEW_PORT: String(ports.preview),
    ...(options.publicUrl === undefined ? onThisMachine(ports) : forOthers()),
    STUDIO_DATA_DIR: options.data,
    STUDIO_SIGNING_KEY: JSON.stringify(secrets.signingKey),
    CONVEX_URL: loopback(ports.convex),
    CONVEX_SITE_URL: loopback(ports.site),
    E2B_API_KEY: secrets.sandboxApiKey,
    E2B_API_URL: loopback(ports.sandbox),
    E2B_SANDBOX_URL: loopback(ports.sandbox),
    E2B_DOMAIN: `localhost:${ports.sandbox}`,
    SANDBOX_TEMPLATE: "studio",
    SANDBOX_STUDIO_URL: `http://${STUDIO_NAME}:${ports.web}`,
    SANDBOX_CONVEX_URL: `http://${CONVEX_NAME}:${ports.convex}`,
    SANDBOX_CONVEX_SITE_URL: `http://${CONVEX_NAME}:${ports.site}`,
    STUDIO_KEK: secrets.kek,
    // So that platform credits can be tried: the demo model has a demo price. Real keys are somebody's real money.
    STUDIO_WELCOME_MICRO_USD:
      welcome || String(PLATFORM_KEYS.some((name) => process.env[name]) ? 0 : WELCOME_MICRO_USD),
    DEMO_MODEL_URL: loopback(ports.model),
    ...(isFake() && { STUDIO_LLM_BACKEND: "fake" }),
    ...(ports.stripe !== undefined && {
      STRIPE_API_URL: loopback(ports.stripe),
      STRIPE_SECRET_KEY: secrets.stripeKey,
      STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret,
    }),
    // The server hands its sessions over before it ends, so it handles signals itself.
    NEXT_MANUAL_SIG_HANDLE: "true",
    NEXT_TELEMETRY_DISABLED: "1",
    ...(ports.worker !== undefined && {
      STUDIO_ENGINE: "external",
      STUDIO_WORKER_URL: loopback(ports.worker),
    }),
  };
}

/**
 * The four services of one machine, and a worker where it has a port. Every one speaks the protocol of the hosted one that it stands for,
 * so that the web server differs by these settings alone.
 */
export function services(options: UpOptions, secrets: Secrets, root: string): Service[] {
  const { ports, data } = options;
  const convexEnv = path.join(data, "convex.env");
  writePrivate(convexEnv, `STUDIO_JWKS=${jwksUri(secrets)}\n`);
  const publish = [
    [STUDIO_NAME, ports.web],
    [CONVEX_NAME, ports.convex],
    [CONVEX_NAME, ports.site],
  ].flatMap(([name, port]) => ["--publish", `${name}:${port}=127.0.0.1:${port}`]);
  const folder = (name: string) => {
    const made = path.join(data, name);
    fs.mkdirSync(made, { recursive: true, mode: 0o700 });
    return made;
  };
  return [
    {
      name: "data",
      args: [
        // Node would read a later `--env-file` itself.
        "--",
        "lib/runtime/main.mjs",
        // What went wrong inside of a function is for the log, not for clients.
        "--production",
        "--dir",
        path.join(root, "convex"),
        "--data",
        folder("convex"),
        "--port",
        String(ports.convex),
        "--site-port",
        String(ports.site),
        "--env-file",
        convexEnv,
      ],
      // Not among the arguments, which every user of the machine may read.
      env: { CONVEX_ADMIN_KEY: secrets.convexAdminKey },
      readyUrl: `${loopback(ports.convex)}/version`,
      readyMs: 60_000,
    },
    {
      name: "sandboxes",
      args: [
        "lib/sandbox-host/main.ts",
        "--port",
        String(ports.sandbox),
        "--data",
        folder("sandboxes"),
        "--domain",
        `localhost:${ports.sandbox}`,
        "--template",
        `studio=${path.join(data, "template")}`,
        ...publish,
        ...(options.publicAddresses ?? []).flatMap((block) => ["--public-address", block]),
        ...(options.sandboxCa === undefined ? [] : ["--ca", options.sandboxCa]),
      ],
      env: { E2B_API_KEY: secrets.sandboxApiKey },
      readyUrl: `${loopback(ports.sandbox)}/health`,
      readyMs: 30_000,
    },
    {
      name: "demo model",
      args: ["lib/demo-model/main.ts", "--port", String(ports.model), ...(isFake() ? ["--fake"] : [])],
      env: {},
      readyUrl: `${loopback(ports.model)}/health`,
      readyMs: 30_000,
    },
    ...(ports.stripe === undefined ? [] : [stripeService(options, secrets, ports.stripe)]),
    {
      name: "web",
      args: [
        // Short-lived buffers of many streams: a young generation that grows with them keeps what they no longer need.
        "--max-semi-space-size=8",
        "node_modules/next/dist/bin/next",
        ...(options.dev ? ["dev"] : ["start", "--keepAliveTimeout", "65000"]),
        "--hostname",
        "127.0.0.1",
        "--port",
        String(ports.web),
      ],
      // glibc keeps an arena for each thread otherwise, and gives back little of what passed through it.
      env: { MALLOC_ARENA_MAX: "2", ...webEnvironment(options, secrets) },
      readyUrl: `${loopback(ports.web)}/api/v1/health`,
      readyMs: 120_000,
    },
    ...(ports.worker === undefined ? [] : [workerService(options, secrets, ports.worker)]),
  ];
}

/** Stands in for Stripe, with a page that says so. */
function stripeService(options: UpOptions, secrets: Secrets, port: number): Service {
  const { data } = options;
  return {
    name: "stripe",
    args: [
      "lib/stripe-stand-in/main.ts",
      "--port",
      String(port),
      "--data",
      path.join(data, "stripe-stand-in.json"),
      "--webhook",
      `${publicUrl(options)}/api/webhooks/stripe`,
    ],
    env: { STRIPE_SECRET_KEY: secrets.stripeKey, STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret },
    readyUrl: `${loopback(port)}/health`,
    readyMs: 30_000,
  };
}

/** Carries sessions beside the web server, with the same settings. */
function workerService(options: UpOptions, secrets: Secrets, port: number): Service {
  return {
    name: "worker",
    args: ["lib/server/worker/main.ts"],
    env: { ...webEnvironment(options, secrets), STUDIO_WORKER_PORT: String(port) },
    readyUrl: `${loopback(port)}/health`,
    readyMs: 30_000,
  };
}
