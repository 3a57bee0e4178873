import { z } from "zod";
import { addressOf } from "#contracts/address.ts";
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
    throw new CliError("STRUERE_CONVEX_URL is not set, so there's no project to speak of.", EXIT.access);
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
  const code = status === 401 || status === 403 ? EXIT.access : EXIT.problems;
  return new CliError([detail, ...lines].join("\n"), code, { kind, errors });
}

/** Studio's side of the project, by a key. */
export class Remote {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async #call<S extends z.ZodType>(
    route: "POST /v1/sync" | "POST /v1/sync/state" | "POST /v1/sync/pull",
    schema: S,
    body: object,
  ): Promise<z.output<S>> {
    const key = this.#environment.STRUERE_API_KEY;
    if (!key)
      throw new CliError(
        "STRUERE_API_KEY is not set. Create a key in Studio's settings, and set it or use struere login.",
        EXIT.access,
      );
    const { method, path } = addressOf(route);
    const url = `${siteUrl(this.#environment)}${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "user-agent": `struere/${VERSION}`,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause ?? error;
      throw new CliError(
        `${new URL(url).host} could not be reached (${String(cause)}). What is there is as it was, unless a push was under way: struere status tells.`,
        EXIT_UNREACHABLE,
      );
    }
    if (!response.ok) throw refused(response.status, text);
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw new CliError(`${new URL(url).host} doesn't answer as Studio does. Check STRUERE_CONVEX_URL.`);
    }
    const parsed = schema.safeParse(answer);
    if (!parsed.success)
      throw new CliError(`The answer was not a project's: ${parsed.error.issues[0]?.message}`);
    return parsed.data;
  }

  readonly pull = async () => await this.#call("POST /v1/sync/pull", pullResponse, {});
  readonly state = async () => await this.#call("POST /v1/sync/state", stateResponse, {});
  readonly push = async (body: PushBody) => await this.#call("POST /v1/sync", pushResponse, body);
}
