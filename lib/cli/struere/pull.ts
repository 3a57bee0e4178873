import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { addressOf } from "../../contracts/address.ts";
import { EXIT_UNREACHABLE, pullResponse } from "../../contracts/sync.ts";
import {
  DEFINITION_KINDS,
  definitionKey,
  definitionPath,
  definitionSource,
} from "../../domain/definitions.ts";
import { CliError } from "./options.ts";
import { MODULE_TYPES } from "./module-types.ts";

const record = z.record(z.string(), z.unknown());
const read = (text: string) => record.parse(JSON.parse(text));

/** The project, each definition read from its JSON text. The route's schema alone: this program starts in each sandbox. */
const project = pullResponse.transform(({ organization, environment, ...texts }) => ({
  organization,
  environment,
  agents: texts.agents.map(read),
  entityTypes: texts.entityTypes.map(read),
  roles: texts.roles.map(read),
  triggers: texts.triggers.map(read),
}));

export interface PullOptions {
  /** The project's folder. */
  folder: string;
  environment: Record<string, string | undefined>;
  force: boolean;
  dryRun: boolean;
}

/** What a pull did, or would do: paths relative to the project. */
export interface PullReport {
  environment: string;
  created: string[];
  updated: string[];
  unchanged: string[];
  conflicts: string[];
  lines: string[];
}

const TIMEOUT_MS = 30_000;
/** What a proxy answers in place of a server that is away, and a server that takes nothing now. */
const AWAY = new Set([502, 503, 504]);

/** Where Convex's HTTP actions are: said outright, or on hosted Convex beside the data. */
function siteUrl(environment: PullOptions["environment"]): string {
  const site = environment.STRUERE_CONVEX_SITE_URL;
  if (site) return site.replace(/\/$/, "");
  const url = environment.STRUERE_CONVEX_URL;
  if (!url) throw new CliError("STRUERE_CONVEX_URL is not set, so there is nothing to pull from.");
  return url.replace(/\/$/, "").replace(/\.convex\.cloud$/, ".convex.site");
}

async function download(environment: PullOptions["environment"]): Promise<z.output<typeof project>> {
  const key = environment.STRUERE_API_KEY;
  if (!key) throw new CliError("STRUERE_API_KEY is not set. Make a key in Studio's settings, and set it.");
  const { method, path } = addressOf("POST /v1/sync/pull");
  const url = `${siteUrl(environment)}${path}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw new CliError(
      `${new URL(url).host} could not be reached (${String(cause)}). Nothing was changed.`,
      EXIT_UNREACHABLE,
    );
  }
  if (!response.ok)
    throw new CliError(
      `the pull was refused (${response.status}): ${text.slice(0, 300)}`,
      AWAY.has(response.status) ? EXIT_UNREACHABLE : 1,
    );
  const parsed = project.safeParse(JSON.parse(text));
  if (!parsed.success) throw new CliError(`the answer was not a project: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** The project's files; two definitions whose keys make the same name get a number, in the order of their keys. */
function filesOf(pulled: z.output<typeof project>): Map<string, string> {
  const files = new Map<string, string>();
  for (const kind of DEFINITION_KINDS) {
    const named = pulled[kind.plural].map((value) => ({ value, key: definitionKey(kind, value) }));
    for (const { value, key } of named.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      const base = definitionPath(kind, key);
      let name = base;
      for (let n = 2; files.has(name); n++) name = base.replace(/\.ts$/, `-${n}.ts`);
      files.set(name, definitionSource(kind, value));
    }
  }
  return files;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes the project's definitions into their files. A file that differs here is only replaced with `force`;
 * where one does, nothing at all is written.
 * @throws CliError
 */
export async function pull(options: PullOptions): Promise<PullReport> {
  const pulled = await download(options.environment);
  const files = filesOf(pulled);
  const report: PullReport = {
    environment: pulled.environment,
    created: [],
    updated: [],
    unchanged: [],
    conflicts: [],
    lines: [],
  };
  for (const [name, source] of files) {
    const before = await readIfThere(path.join(options.folder, name));
    if (before === undefined) report.created.push(name);
    else if (before === source) report.unchanged.push(name);
    else if (options.force) report.updated.push(name);
    else report.conflicts.push(name);
  }
  const writes = report.conflicts.length > 0 || options.dryRun ? [] : [...report.created, ...report.updated];
  if (writes.length > 0 || (!options.dryRun && report.conflicts.length === 0)) {
    for (const kind of DEFINITION_KINDS)
      await fs.mkdir(path.join(options.folder, kind.folder), { recursive: true });
    await fs.mkdir(path.join(options.folder, ".struere"), { recursive: true });
    await fs.writeFile(path.join(options.folder, ".struere/struere.d.ts"), MODULE_TYPES);
  }
  for (const name of writes) await fs.writeFile(path.join(options.folder, name), files.get(name) ?? "");
  report.lines = linesOf(report, options.dryRun);
  return report;
}

function linesOf(report: PullReport, dryRun: boolean): string[] {
  const { created, updated, unchanged, conflicts } = report;
  if (conflicts.length > 0)
    return [
      `${conflicts.length} of the files were changed here, so nothing was written:`,
      ...conflicts.map((name) => `  ${name}`),
      "Pull with --force to replace them.",
    ];
  const verb = dryRun ? "would be" : "were";
  return [
    ...created.map((name) => `+ ${name}`),
    ...updated.map((name) => `~ ${name}`),
    `${created.length} files ${verb} written, ${updated.length} replaced, ${unchanged.length} were up to date (${report.environment}).`,
  ];
}
