import { randomUUID } from "node:crypto";
import dns from "node:dns/promises";
import fs from "node:fs/promises";
import { api } from "#convex/_generated/api.js";
import { healthResponse } from "#contracts/routes/system.ts";
import { VERSION } from "#domain/version.ts";
import { askClerk } from "../auth/clerk.ts";
import { authDatabase } from "../auth/database.ts";
import { checkEmbeddedAllowed } from "../auth/embedded-options.ts";
import { canBuy, stripe } from "../billing/stripe.ts";
import { checkpointStore } from "../checkpoints/store.ts";
import { serviceData } from "../convex/client.ts";
import { env, telemetrySignals, usesClerk } from "../env.ts";
import { keyring } from "../keys/own-key.ts";
import { platformKeys } from "../keys/upstream.ts";
import { verifyKey } from "../keys/verify.ts";
import { addressesAreAnybodys } from "../notifications/channels.ts";
import { verifyMail } from "../notifications/mail.ts";
import { isPair } from "../notifications/push.ts";
import { type Check, Off, Wrong } from "./check.ts";
import { sandboxCheck } from "./sandbox-check.ts";

const ASK_MS = 10_000;
/** Tokens are valid for minutes: clocks that are further apart have them refused. */
const MAX_SKEW_MS = 30_000;
const LEAST_FREE_BYTES = 2e9;
/** What Stripe has to tell Studio of. */
const STRIPE_EVENTS = [
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "payment_intent.succeeded",
  "charge.refunded",
  "charge.dispute.created",
  "charge.dispute.closed",
];

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(ASK_MS) });
  await response.body?.cancel();
  return response;
}

const data: Check = {
  name: "Convex",
  advice: "Check CONVEX_URL, and that Convex runs.",
  look: async () => {
    const { CONVEX_URL } = env();
    const { ok, status, headers } = await ask(`${CONVEX_URL}/version`);
    if (!ok) throw new Wrong(`${CONVEX_URL} responds with ${status}`, "Check CONVEX_URL.");
    const skewMs = Math.abs(Date.parse(headers.get("date") ?? "") - Date.now());
    if (skewMs > MAX_SKEW_MS)
      throw new Wrong(
        `its clock and this machine's are ${Math.round(skewMs / 1_000)} s apart`,
        "Set both by NTP: tokens are refused otherwise.",
      );
    return CONVEX_URL;
  },
};

const functions: Check = {
  name: "Studio's functions",
  advice:
    "Deploy the folder convex with npx convex deploy, and set STUDIO_JWKS there to the public half of STUDIO_SIGNING_KEY.",
  look: async () => {
    await serviceData().query(api.providerKeys.dataKeysBefore, { kekVersion: 0 });
    return "deployed, and they take Studio's tokens";
  },
};

const sync: Check = {
  name: "HTTP actions",
  advice: "Check CONVEX_SITE_URL: struere and sandboxes reach projects there.",
  look: async () => {
    const { CONVEX_SITE_URL } = env();
    const { status } = await ask(`${CONVEX_SITE_URL}/v1/sync/state`, { method: "POST", body: "{}" });
    if (status !== 401)
      throw new Wrong(
        `${CONVEX_SITE_URL} responds with ${status}`,
        "Check CONVEX_SITE_URL: it ends with .convex.site in Convex's cloud.",
      );
    return CONVEX_SITE_URL;
  },
};

const secrets: Check = {
  name: "Secrets' key",
  advice: "Check STUDIO_KEK: 1:<base64 of 32 bytes>, several with commas.",
  look: async () => {
    const ring = keyring();
    const older = await serviceData().query(api.providerKeys.dataKeysBefore, { kekVersion: ring.current });
    const lost = older.filter(({ kekVersion }) => !ring.keys.has(kekVersion));
    if (lost.length > 0)
      throw new Wrong(
        `version ${lost[0]!.kekVersion}, which opens secrets that are stored, isn't in STUDIO_KEK`,
        "Add it before the newest one, then run npm run rotate-keys.",
      );
    if (older.length > 0) return `version ${ring.current}; npm run rotate-keys has keys left to wrap again`;
    return `version ${ring.current}`;
  },
};

const people: Check = {
  name: "Sign-in",
  advice: "Check STUDIO_PUBLIC_URL, and CLERK_SECRET_KEY where Clerk signs people in.",
  look: async () => {
    if (usesClerk()) {
      await askClerk();
      if (env().CLERK_WEBHOOK_SECRET === undefined)
        throw new Wrong(
          "CLERK_WEBHOOK_SECRET isn't set, so that Studio doesn't hear of people who leave",
          "Have Clerk send its messages to /api/webhooks/clerk, and set the secret that signs them.",
        );
      return "Clerk takes the key";
    }
    checkEmbeddedAllowed();
    const { n } = authDatabase().prepare("SELECT count(*) AS n FROM sqlite_master").get() as { n: number };
    return `embedded, in ${env().STUDIO_DATA_DIR}${n === 0 ? " (nobody yet)" : ""}`;
  },
};

const disk: Check = {
  name: "Disk",
  advice: "Check STUDIO_DATA_DIR: the folder has to be there, and writable.",
  look: async () => {
    const { STUDIO_DATA_DIR } = env();
    await fs.access(STUDIO_DATA_DIR, fs.constants.W_OK);
    const { bavail, bsize } = await fs.statfs(STUDIO_DATA_DIR);
    const free = bavail * bsize;
    const words = `${(free / 1e9).toFixed(1)} GB free for ${STUDIO_DATA_DIR}`;
    if (free < LEAST_FREE_BYTES) throw new Wrong(words, "Make room: writes fail soon.");
    return words;
  },
};

const savedWork: Check = {
  name: "Saved work",
  advice: "Check STUDIO_CHECKPOINT_STORE and its settings; the keys must read, write and delete.",
  look: async () => {
    const { STUDIO_CHECKPOINT_STORE } = env();
    const store = checkpointStore();
    const name = `doctor/${randomUUID()}.pack`;
    const bytes = new TextEncoder().encode(name);
    await store.put(name, new Blob([bytes]).stream(), bytes.length);
    try {
      if ((await new Response(await store.get(name)).text()) !== name)
        throw new Error("it gives back something else");
    } finally {
      await store.remove(name);
    }
    return `${STUDIO_CHECKPOINT_STORE}: written, read, removed`;
  },
};

const web: Check = {
  name: "Web server",
  advice: "Start it, and check STUDIO_PUBLIC_URL, the name and the proxy before it.",
  look: async () => {
    const { STUDIO_PUBLIC_URL } = env();
    const response = await fetch(new URL("/api/v1/health", STUDIO_PUBLIC_URL), {
      signal: AbortSignal.timeout(ASK_MS),
    });
    const read = healthResponse.safeParse(await response.json().catch(() => null));
    if (!read.success)
      throw new Wrong(`${STUDIO_PUBLIC_URL} is something else`, "Check STUDIO_PUBLIC_URL and the proxy.");
    if (read.data.version !== VERSION)
      throw new Wrong(
        `it runs ${read.data.version}, and this is ${VERSION}`,
        "Restart it with this version.",
      );
    return `${STUDIO_PUBLIC_URL}, ${VERSION}`;
  },
};

const worker: Check = {
  name: "Worker",
  advice: "Start one with npm run worker and the same settings: without any, sessions neither start nor end.",
  look: async () => {
    const { STUDIO_ENGINE, STUDIO_WORKER_URL } = env();
    if (STUDIO_ENGINE === "inside") throw new Off("the web server carries sessions itself");
    if (STUDIO_WORKER_URL === undefined)
      throw new Wrong(
        "STUDIO_WORKER_URL isn't set, so nobody can tell whether one runs",
        "Set it to where a worker says that it is healthy (STUDIO_WORKER_PORT).",
      );
    const { status } = await ask(`${STUDIO_WORKER_URL}/health`);
    if (status !== 200) throw new Error(`${STUDIO_WORKER_URL} responds with ${status}`);
    return STUDIO_WORKER_URL;
  },
};

const previews: Check = {
  name: "Previews",
  advice: "Give STUDIO_PREVIEW_URL's name a wildcard record, and a certificate for it.",
  look: async () => {
    const { STUDIO_PREVIEW_URL } = env();
    if (STUDIO_PREVIEW_URL === undefined)
      throw new Off("STUDIO_PREVIEW_URL isn't set: nobody sees apps in sandboxes");
    const { hostname } = new URL(STUDIO_PREVIEW_URL.replace("*", "doctor"));
    // Browsers find those on their own machine, whatever the resolver says.
    if (!hostname.endsWith(".localhost")) await dns.lookup(hostname);
    return STUDIO_PREVIEW_URL;
  },
};

const credits: Check = {
  name: "Stripe",
  advice: "Check STRIPE_SECRET_KEY.",
  look: async () => {
    if (!canBuy()) throw new Off("STRIPE_SECRET_KEY isn't set: credits are granted, and can't be bought");
    const address = new URL("/api/webhooks/stripe", env().STUDIO_PUBLIC_URL).href;
    const endpoints = await stripe().webhookEndpoints.list({ limit: 100 });
    const own = endpoints.data.find(({ url, status }) => url === address && status === "enabled");
    if (!own)
      throw new Wrong(
        `Stripe takes the key, and sends nothing to ${address}`,
        `Add that address in Stripe, for ${STRIPE_EVENTS.join(", ")}.`,
      );
    const missing = own.enabled_events.includes("*")
      ? []
      : STRIPE_EVENTS.filter((event) => !own.enabled_events.includes(event));
    if (missing.length > 0)
      throw new Wrong(`Stripe doesn't tell of ${missing.join(", ")}`, "Add these to the webhook in Stripe.");
    return `it takes the key, and tells ${address}`;
  },
};

const mail: Check = {
  name: "E-mail",
  advice: "Check SMTP_URL: its host, port, user and password.",
  look: async () => {
    const { SMTP_URL, SMTP_FROM } = env();
    if (SMTP_URL === undefined || SMTP_FROM === undefined)
      throw new Off("SMTP_URL isn't set: notifications don't leave by e-mail");
    if (addressesAreAnybodys())
      throw new Wrong(
        "nobody's address is verified where anybody can sign up, so nothing is sent",
        "Set STUDIO_SIGN_UP to invited or closed, or use Clerk.",
      );
    await verifyMail();
    return `${new URL(SMTP_URL).host} takes the sign-in; from ${SMTP_FROM.address}`;
  },
};

const push: Check = {
  name: "Web Push",
  advice: "Make another pair with: npx web-push generate-vapid-keys",
  look: async () => {
    const settings = env();
    const { WEB_PUSH_PUBLIC_KEY, WEB_PUSH_PRIVATE_KEY, WEB_PUSH_SUBJECT } = settings;
    if (
      WEB_PUSH_PUBLIC_KEY === undefined ||
      WEB_PUSH_PRIVATE_KEY === undefined ||
      WEB_PUSH_SUBJECT === undefined
    )
      throw new Off("WEB_PUSH_PUBLIC_KEY isn't set: devices show nothing while no page is open");
    if (!isPair(WEB_PUSH_PUBLIC_KEY, WEB_PUSH_PRIVATE_KEY))
      throw new Error("WEB_PUSH_PRIVATE_KEY is not the key that WEB_PUSH_PUBLIC_KEY belongs to");
    if (/[/@](?:localhost|127\.0\.0\.1)\b/.test(WEB_PUSH_SUBJECT))
      throw new Wrong(
        `the makers of browsers can't reach ${WEB_PUSH_SUBJECT}, and some refuse it`,
        "Set WEB_PUSH_SUBJECT to an address of yours, as mailto:you@example.com.",
      );
    const { protocol, hostname } = new URL(settings.STUDIO_PUBLIC_URL);
    if (protocol !== "https:" && !["localhost", "127.0.0.1"].includes(hostname))
      throw new Wrong(
        "browsers take pushes of HTTPS alone",
        "Serve Studio over HTTPS, and set STUDIO_PUBLIC_URL to that.",
      );
    return `both keys are of one pair; signed as ${WEB_PUSH_SUBJECT}`;
  },
};

const telemetry: Check = {
  name: "Telemetry",
  advice: "Check OTEL_EXPORTER_OTLP_ENDPOINT, and that the collector runs.",
  look: async () => {
    const { traces, metrics } = telemetrySignals();
    if (!traces && !metrics) throw new Off("no address is set: no traces and metrics are made");
    const settings = env();
    const { OTEL_EXPORTER_OTLP_ENDPOINT: both } = settings;
    const all = [
      both,
      settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    ];
    const addresses = all.filter((address) => address !== undefined);
    // Whatever it says to nothing, somebody is there.
    for (const address of addresses) await ask(address);
    return addresses.join(", ");
  },
};

/** The platform's own model keys, each asked of its provider. */
function models(): Check[] {
  const keys = platformKeys();
  if (keys.length === 0)
    return [
      {
        name: "Models",
        advice: "",
        look: async () => {
          throw new Off("none of the platform's keys is set: organizations use their own");
        },
      },
    ];
  return keys.map(({ route, key, url }) => ({
    name: `Models: ${route}`,
    advice: "Check the key, and the address if one is set.",
    look: async () => {
      const { status, detail } = await verifyKey(route, key, url, { allowPrivate: true });
      if (status !== "active") throw new Error(detail);
      return detail;
    },
  }));
}

/** Everything that Studio's settings lead to, in the order in which one thing needs another. */
export const allChecks = (): Check[] => [
  disk,
  data,
  functions,
  sync,
  secrets,
  people,
  sandboxCheck,
  savedWork,
  web,
  worker,
  previews,
  ...models(),
  credits,
  mail,
  push,
  telemetry,
];
