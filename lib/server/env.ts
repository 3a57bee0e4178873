import { z } from "zod";

const url = z.url();
const optional = <T extends z.ZodType>(schema: T) => schema.optional();

/** A price of a second. E2B's own have tenths of a micro-USD. */
const sandboxPrice = z.coerce
  .number()
  .min(0)
  .max(1_000_000)
  .refine(
    (price) => Math.abs(price * 1_000 - Math.round(price * 1_000)) < 1e-6,
    "Write at most three decimals",
  )
  .default(0);

const MAIL_FROM =
  /^(?:(?<name>[^<>"\p{Cc}]{1,100}?)\s*<(?<named>[^\s<>@,;]{1,64}@[a-z0-9.-]{1,190})>|(?<bare>[^\s<>@,;]{1,64}@[a-z0-9.-]{1,190}))$/iu;

/** Every setting of the web server and of workers, checked once. `.env.example` lists the same names (a test compares them). */
export const envSchema = z.object({
  /** Where people's browsers reach Studio. */
  STUDIO_PUBLIC_URL: url,
  /** Signs the embedded driver's cookies; at least 32 characters. */
  STUDIO_AUTH_SECRET: z.string().min(32),
  /** Allows the embedded sign-in on a public address. */
  STUDIO_EMBEDDED_AUTH_PUBLIC: z.stringbool().default(false),
  /** Who may make an account with the embedded sign-in: anybody, those who were invited, or nobody. */
  STUDIO_SIGN_UP: z.enum(["open", "invited", "closed"]).default("open"),
  /** Addresses of those who may open the operator's console, with commas: see docs/operating.md. */
  STUDIO_OPERATORS: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((address) => address.trim().toLowerCase())
        .filter((address) => address !== ""),
    ),
  /** How many organizations one person may make or join with the embedded sign-in. */
  STUDIO_MAX_ORGANIZATIONS: z.coerce.number().int().min(1).max(1_000).default(10),
  /** How many proxies of the operator's own a request passes; each appends to X-Forwarded-For. */
  STUDIO_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Folder of the embedded identity database. */
  STUDIO_DATA_DIR: z.string().min(1),
  /**
   * Where sessions are carried: inside the web server, or by workers of their own (`npm run worker`), which go on while
   * web servers restart.
   */
  STUDIO_ENGINE: z.enum(["inside", "external"]).default("inside"),
  /** Port on loopback where a worker says that it is healthy; without it, it only logs that it is ready. */
  STUDIO_WORKER_PORT: optional(z.coerce.number().int().min(1).max(65_535)),
  /** Where the web server asks whether a worker is healthy, for `GET /api/v1/status`, such as http://127.0.0.1:3250. */
  STUDIO_WORKER_URL: optional(url),
  /** Private ES256 key as JWK JSON, with a `kid`: Studio's own issuer. Convex gets the public half as STUDIO_JWKS. */
  STUDIO_SIGNING_KEY: z.string().min(1),
  /** Clerk's keys: with them, Clerk signs people in, and the embedded sign-in is off. */
  CLERK_SECRET_KEY: optional(z.string()),
  CLERK_PUBLISHABLE_KEY: optional(z.string()),
  /** Public key of the instance as PEM: tokens are checked without asking Clerk. */
  CLERK_JWT_KEY: optional(z.string()),
  /** Signs Clerk's messages to /api/webhooks/clerk. */
  CLERK_WEBHOOK_SECRET: optional(z.string()),
  /** Where the bytes of sessions' checkpoints are kept: in a folder, in Convex's file storage, or in a bucket. */
  STUDIO_CHECKPOINT_STORE: z.enum(["folder", "convex", "s3"]).default("folder"),
  /** The bucket, of S3 or of what speaks its protocol at an address of its own, and what the objects' names begin with. */
  STUDIO_S3_BUCKET: optional(z.string().min(3).max(63)),
  STUDIO_S3_REGION: z.string().min(1).default("us-east-1"),
  STUDIO_S3_ENDPOINT: optional(url),
  STUDIO_S3_PREFIX: z
    .string()
    .regex(/^([\w-]+\/)*$/, "Write it as parts with a slash after each, such as studio/checkpoints/")
    .default("checkpoints/"),
  /** Its keys; without them, the machine's own role speaks for it. */
  STUDIO_S3_ACCESS_KEY_ID: optional(z.string()),
  STUDIO_S3_SECRET_ACCESS_KEY: optional(z.string()),
  /** Folder of sessions' checkpoints; by default in STUDIO_DATA_DIR. Several servers share it. */
  STUDIO_CHECKPOINT_DIR: optional(z.string().min(1)),
  /** Port of the previews' own server, and where it listens. */
  STUDIO_PREVIEW_PORT: optional(z.coerce.number().int().min(1).max(65_535)),
  STUDIO_PREVIEW_BIND: z.string().min(1).default("127.0.0.1"),
  /** Where browsers reach previews, each at a name of its own: `https://*.preview.example`. Without it there are none. */
  STUDIO_PREVIEW_URL: optional(
    z.string().regex(/^https?:\/\/\*\.[a-z0-9.-]+(:\d+)?$/i, "Write it as https://*.preview.example"),
  ),
  CONVEX_URL: url,
  CONVEX_SITE_URL: url,
  /** Where browsers reach Convex, if not at CONVEX_URL. */
  CONVEX_PUBLIC_URL: optional(url),
  /** Where people's own machines reach Convex's HTTP actions, for `struere`, if not at CONVEX_SITE_URL. */
  CONVEX_PUBLIC_SITE_URL: optional(url),
  E2B_API_KEY: z.string().min(1),
  /** Only for a host of one's own; E2B's cloud needs neither. */
  E2B_API_URL: optional(url),
  E2B_SANDBOX_URL: optional(url),
  E2B_DOMAIN: optional(z.string()),
  /** Template that sandboxes are made of. */
  SANDBOX_TEMPLATE: z.string().default("studio"),
  /** How many sandboxes there may be at once, live and warm; by default what the machine's memory has room for. */
  STUDIO_MAX_SANDBOXES: optional(z.coerce.number().int().min(1).max(1_000)),
  /** How many of them are kept warm, each with an agent that has been started for nobody; 0 for none. */
  STUDIO_WARM_AGENTS: optional(z.coerce.number().int().min(0).max(8)),
  /** What a second of a sandbox's processor costs in credits, and one of a GB of its memory: micro-USD, to a thousandth. */
  STUDIO_SANDBOX_VCPU_MICRO_USD: sandboxPrice,
  STUDIO_SANDBOX_GB_MICRO_USD: sandboxPrice,
  /** How many hours an organization's sandboxes may run in a month, where it has set no limit itself; 0 for no limit. */
  STUDIO_SANDBOX_HOURS_PER_MONTH: z.coerce.number().int().min(0).max(1_000_000).default(0),
  /** Where a sandbox reaches Studio and Convex; by default at their public addresses. */
  SANDBOX_STUDIO_URL: optional(url),
  SANDBOX_CONVEX_URL: optional(url),
  SANDBOX_CONVEX_SITE_URL: optional(url),
  /** The operator's keys that encrypt the organizations' secrets: `1:<base64 of 32 bytes>`, several with commas. */
  STUDIO_KEK: z.string().min(40),
  /** Whether addresses that people type may lead into private networks, as for a model server next door. */
  STUDIO_ALLOW_PRIVATE_URLS: z.stringbool().default(false),
  /** Credits that a person's first organization starts with, in micro-USD. */
  STUDIO_WELCOME_MICRO_USD: z.coerce.number().int().min(0).default(0),
  /** Stripe's key, with which credits can be bought; and what it signs its messages to /api/webhooks/stripe with. */
  STRIPE_SECRET_KEY: optional(z.string().min(1)),
  STRIPE_WEBHOOK_SECRET: optional(z.string().min(1)),
  /** Where Stripe is reached, if not at its own address: a stand-in. */
  STRIPE_API_URL: optional(url),
  /**
   * The mail server that notifications leave by, `smtps://user:password@mail.example.com` or `smtp://…:587`, and whom
   * they come from.
   */
  SMTP_URL: optional(z.url({ protocol: /^smtps?$/, error: "Write it as smtps://user:password@host:port" })),
  SMTP_FROM: optional(
    z
      .string()
      .max(300)
      .regex(MAIL_FROM, "Write it as Studio <studio@example.com>, or as an address alone")
      .transform((text) => {
        const { name = "", named, bare } = MAIL_FROM.exec(text)?.groups ?? {};
        return { name: name.trim(), address: named ?? bare ?? "" };
      }),
  ),
  /**
   * Keys of Web Push (`npx web-push generate-vapid-keys`), and where the makers of browsers reach the operator: mailto: or
   * https:. With them, people can have their devices show notifications.
   */
  WEB_PUSH_PUBLIC_KEY: optional(
    z.string().regex(/^[\w-]{87}$/, "Write its 65 bytes as base64url, without ="),
  ),
  WEB_PUSH_PRIVATE_KEY: optional(
    z.string().regex(/^[\w-]{43}$/, "Write its 32 bytes as base64url, without ="),
  ),
  WEB_PUSH_SUBJECT: optional(
    z.url({ protocol: /^(mailto|https)$/, error: "Write it as mailto:you@example.com" }),
  ),
  /** Whether Stripe works out the tax of what is bought, and asks for the buyer's address and tax id. */
  STRIPE_TAX: z.stringbool().default(false),
  /** What platform credits cost, in percent of the provider's price. */
  STUDIO_MARKUP_PERCENT: z.coerce.number().int().min(100).max(1000).default(110),
  /** How long an agent at work may say nothing, while neither a tool nor a model explains it; then it is started again. */
  STUDIO_AGENT_SILENCE_SECONDS: z.coerce.number().int().min(5).max(3_600).default(90),
  /** How long a model may send nothing, before or in its answer; the agent itself gives up after 300 s. */
  STUDIO_MODEL_SILENCE_SECONDS: z.coerce.number().int().min(3).max(290).default(280),
  /** How long a git server may send nothing, before or in its answer. While it packs, git sends a sign of life each 5 s. */
  STUDIO_GIT_SILENCE_SECONDS: z.coerce.number().int().min(6).max(600).default(60),
  /** How often a session may call models in a minute, by each server process; an agent that asks in a circle does more. */
  STUDIO_MODEL_CALLS_PER_MINUTE: z.coerce.number().int().min(10).max(100_000).default(120),
  /** How often a key or a person may call the API in a minute, by each server process. */
  STUDIO_REQUESTS_PER_MINUTE: z.coerce.number().int().min(60).max(100_000).default(600),
  /** The least important lines that the log has. */
  STUDIO_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  /** Where traces and metrics go, by OpenTelemetry's own variables; without one of them none are made. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(url),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(url),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: optional(url),
  /** Turns them off all the same. */
  OTEL_SDK_DISABLED: z.stringbool().default(false),
  /** Whether each response is checked against its declaration; by default in development alone. */
  STUDIO_CHECK_RESPONSES: optional(z.stringbool()),
  /** `fake`: the demo model is what is chosen where nobody chose, as for a test without keys and network. */
  STUDIO_LLM_BACKEND: optional(z.enum(["fake"])),
  /** What the API calls the folder of a sandbox that holds the project, as the guide of the runs' API has it. */
  STUDIO_WORKSPACE_ROOT: z
    .string()
    .regex(/^(\/[A-Za-z0-9._-]+)+$/, "must be an absolute path without a / at its end")
    .max(500)
    .default("/workspace"),
  /** The file that `npm start` has read settings from, for the health check to name. */
  STUDIO_ENV_FILE: optional(z.string().max(500)),
  /** The demo model's address; without it the demo provider is not offered. */
  DEMO_MODEL_URL: optional(url),
  /** The platform's own keys. A provider is offered where its key is set, or OpenRouter's. */
  XAI_API_KEY: optional(z.string()),
  ANTHROPIC_API_KEY: optional(z.string()),
  OPENAI_API_KEY: optional(z.string()),
  GOOGLE_GENERATIVE_AI_API_KEY: optional(z.string()),
  OPENROUTER_API_KEY: optional(z.string()),
  /** Where those providers are reached, if not at their own addresses; with the version, as in `/v1`. */
  XAI_BASE_URL: optional(url),
  ANTHROPIC_BASE_URL: optional(url),
  OPENAI_BASE_URL: optional(url),
  GOOGLE_BASE_URL: optional(url),
  OPENROUTER_BASE_URL: optional(url),
});
export type Env = z.infer<typeof envSchema>;

/** What only makes sense together. */
const wholeSchema = envSchema.superRefine((settings, ctx) => {
  if (settings.STUDIO_CHECKPOINT_STORE === "s3" && settings.STUDIO_S3_BUCKET === undefined)
    ctx.addIssue({
      code: "custom",
      path: ["STUDIO_S3_BUCKET"],
      message: "STUDIO_CHECKPOINT_STORE=s3 needs a bucket",
    });
  if ((settings.STRIPE_SECRET_KEY === undefined) !== (settings.STRIPE_WEBHOOK_SECRET === undefined))
    ctx.addIssue({
      code: "custom",
      path: [settings.STRIPE_SECRET_KEY === undefined ? "STRIPE_SECRET_KEY" : "STRIPE_WEBHOOK_SECRET"],
      message: "Credits are bought with both of Stripe's settings",
    });
  if ((settings.SMTP_URL === undefined) !== (settings.SMTP_FROM === undefined))
    ctx.addIssue({
      code: "custom",
      path: [settings.SMTP_URL === undefined ? "SMTP_URL" : "SMTP_FROM"],
      message: "E-mail is sent with both of SMTP's settings",
    });
  const push = [settings.WEB_PUSH_PUBLIC_KEY, settings.WEB_PUSH_PRIVATE_KEY, settings.WEB_PUSH_SUBJECT];
  if (new Set(push.map((setting) => setting === undefined)).size > 1)
    ctx.addIssue({
      code: "custom",
      path: ["WEB_PUSH_PUBLIC_KEY"],
      message: "Set all three of Web Push's settings, or none",
    });
  const keys = [settings.STUDIO_S3_ACCESS_KEY_ID, settings.STUDIO_S3_SECRET_ACCESS_KEY];
  if (keys.filter((key) => key === undefined).length === 1)
    ctx.addIssue({
      code: "custom",
      path: ["STUDIO_S3_ACCESS_KEY_ID"],
      message: "Set both of the bucket's keys, or none",
    });
});

let parsed: Env | undefined;

/** Checks settings. An empty one counts as unset, as a line `NAME=` in a file of settings is meant. */
export function parseSettings(given: Record<string, string | undefined>): z.ZodSafeParseResult<Env> {
  return wholeSchema.safeParse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")));
}

/**
 * The settings, parsed at first use: a build evaluates modules with no settings at all.
 * @throws Error that names each variable that is missing or wrong
 */
export function env(): Env {
  if (parsed) return parsed;
  const result = parseSettings(process.env);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`Studio's settings are not complete:\n  ${faults.join("\n  ")}\nSee .env.example.`);
  }
  parsed = result.data;
  return parsed;
}

/** The log's level, which is needed before the rest, and where that is wrong. */
export const logLevel = (): Env["STUDIO_LOG_LEVEL"] =>
  envSchema.shape.STUDIO_LOG_LEVEL.catch("info").parse(process.env.STUDIO_LOG_LEVEL);

/** Which of OpenTelemetry's signals are sent, and so are made. */
export function telemetrySignals(): { traces: boolean; metrics: boolean } {
  const { OTEL_SDK_DISABLED, ...to } = env();
  const both = to.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined;
  return {
    traces: !OTEL_SDK_DISABLED && (both || to.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined),
    metrics: !OTEL_SDK_DISABLED && (both || to.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT !== undefined),
  };
}

/** Whether Clerk signs people in here. */
export function usesClerk(): boolean {
  const { CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY, CLERK_JWT_KEY } = env();
  return CLERK_PUBLISHABLE_KEY !== undefined && (CLERK_SECRET_KEY ?? CLERK_JWT_KEY) !== undefined;
}
