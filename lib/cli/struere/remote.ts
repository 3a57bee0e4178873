import { z } from "zod";
import { addressOf } from "#contracts/address.ts";
import { logoutResponse } from "#contracts/command-login.ts";
import { EXIT_UNREACHABLE, pullResponse, pushResponse, stateResponse } from "#contracts/sync.ts";
import { VERSION } from "#domain/version.ts";
import { CliError, EXIT } from "./options.ts";

export type Environment = Record<string, string | undefined>;

/** A change as it is sent. */
export interface PushBody {
  base_revision: number;
  agents?: string[];
  entityTypes?: string[];
  roles?: string[];
  triggers?: string[];
  files?: string[];
  delete?: { kind: string; slug: string }[];
  from?: "development" | "production";
  allow_deletions?: boolean;
  dry_run?: boolean;
}

const TIMEOUT_MS = 60_000;
/** A project's 6 million characters, each of up to three bytes, with what JSON needs around its quotes. */
const MAX_ANSWER_BYTES = 40_000_000;
/** What a proxy answers in place of a server that is away, and a server that takes nothing now. */
const AWAY = new Set([502, 503, 504]);

/** What a refusal tells, as far as this program reads it. */
const refusal = z.looseObject({
  detail: z.string(),
  kind: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  revision: z.number().optional(),
  changes: z
    .array(
      z.object({
        kind: z.string(),
        slug: z.string(),
        base: z.string().nullable(),
        current: z.string().nullable(),
      }),
    )
    .optional(),
});

/** The project has changed since it was pulled. */
export class MovedError extends CliError {
  readonly changes: { kind: string; slug: string; base: string | null; current: string | null }[];

  constructor(message: string, changes: MovedError["changes"]) {
    super(message, EXIT.conflict, { conflict: true, changes });
    this.changes = changes;
  }
}

/** Where Convex's HTTP actions are: said outright, or on hosted Convex beside the data. */
export function siteUrl(environment: Environment): string {
  const site = environment.STRUERE_CONVEX_SITE_URL;
  if (site) return site.replace(/\/$/, "");
  const url = environment.STRUERE_CONVEX_URL;
  if (!url)
    throw new CliError(
      "It isn't known where Studio is. Log in with struere login, or set STRUERE_CONVEX_URL.",
      EXIT.access,
    );
  return url.replace(/\/$/, "").replace(/\.convex\.cloud$/, ".convex.site");
}

function refused(status: number, text: string): CliError {
  if (AWAY.has(status))
    return new CliError(`Studio answers ${status}. Nothing was changed.`, EXIT_UNREACHABLE);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  const read = refusal.safeParse(body);
  if (!read.success) return new CliError(`It was refused (${status}): ${text.slice(0, 300)}`);
  const { detail, errors, changes, kind } = read.data;
  if (changes) return new MovedError(detail, changes);
  const lines = (errors ?? []).map(({ path, message }) => `  ${path}: ${message}`);
  const code =
    kind === "api_key_expired"
      ? EXIT.expired
      : status === 401 || status === 403
        ? EXIT.access
        : EXIT.problems;
  return new CliError([detail, ...lines].join("\n"), status === 429 ? EXIT_UNREACHABLE : code, {
    kind,
    errors,
  });
}

/** Sends JSON, and reads what comes back. @throws CliError, also where that isn't what Studio says */
export async function send<S extends z.ZodType>(
  schema: S,
  { url, body, key }: { url: string; body: object; key?: string },
): Promise<z.output<S>> {
  const { host } = new URL(url);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        "content-type": "application/json",
        "user-agent": `struere/${VERSION}`,
      },
      body: JSON.stringify(body),
      // A key is for one address, and follows nobody to another.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await boundedText(response);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw new CliError(
      `${host} could not be reached (${String(cause)}). What is there is as it was, unless a push was under way: struere status tells.`,
      EXIT_UNREACHABLE,
    );
  }
  if (!response.ok) throw refused(response.status, text);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CliError(`${host} doesn't answer as Studio does. Check the address.`);
  }
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw new CliError(`The answer was not one of Studio's: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** An answer, up to a bound: the server may not be Studio. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new CliError("The answer is larger than any project.");
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Studio's side of the project, by a key. */
export class Remote {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async #call<S extends z.ZodType>(
    route: "POST /v1/sync" | "POST /v1/sync/state" | "POST /v1/sync/pull" | "POST /v1/logout",
    schema: S,
    body: object,
  ): Promise<z.output<S>> {
    const key = this.#environment.STRUERE_API_KEY;
    if (!key)
      throw new CliError(
        "There's no key. Log in with struere login, or set STRUERE_API_KEY to one of Studio's settings.",
        EXIT.access,
      );
    return await send(schema, { url: `${siteUrl(this.#environment)}${addressOf(route).path}`, body, key });
  }

  readonly pull = async () => await this.#call("POST /v1/sync/pull", pullResponse, {});
  readonly state = async () => await this.#call("POST /v1/sync/state", stateResponse, {});
  readonly push = async (body: PushBody) => await this.#call("POST /v1/sync", pushResponse, body);
  readonly logout = async () => await this.#call("POST /v1/logout", logoutResponse, {});
}
