/** This folder compares the workspaces of sessions with their project, and pushes what people choose of it. */

import { createHash } from "node:crypto";
import type { Sandbox } from "e2b";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import { DEADLINES, isLive } from "#domain/lifecycle.ts";
import type { Masker } from "#domain/mask.ts";
import { checkText } from "#domain/project/check.ts";
import { FILE_FOLDERS, type ProjectKind } from "#domain/project/kinds.ts";
import {
  isProjectPath,
  KNOWN_HASH_CHARS,
  type PrintedProject,
  printedProject,
  WORKSPACE_LIMITS,
  type WorkspaceFault,
} from "#domain/project/workspace.ts";
import { cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { sessionOf } from "../convex/session-data.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { asRefusal, outputOf } from "../sandbox/files.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { openSandbox } from "../sandbox/sandbox.ts";

type SessionId = Id<"sandboxSessions">;

/** Files that never end take five seconds each, of which one run bears twenty. */
const LOOK_MS = 150_000;
/** A project's characters, with what JSON adds to texts within texts. */
const MAX_PRINTED_CHARACTERS = 16_000_000;
const HASH_CHARS = 64;
/** Characters of texts that go to Convex at once. */
const KEPT_AT_ONCE = 1_500_000;

/** The command as the template has it, which nobody inside can write to, without the home that the agent can write to. */
export const struere = (words: string) =>
  `cd ${WORKSPACE} && exec /opt/studio/bin/node /opt/studio/struere.mjs ${words} --json`;
export const OUTSIDE = { HOME: "/opt/studio/agent/home" };

/**
 * Prints another line once a project's file, or the revision that it was pulled at, is another. It reads no file, so that
 * a turn that changed none costs a moment.
 */
const STATE = `cd ${WORKSPACE} && find ${[...DEFINITION_KINDS.map(({ folder }) => folder), ...FILE_FOLDERS].join(" ")} struere.json .struere/state.json -printf '%p %s %C@\\n' 2>/dev/null | LC_ALL=C sort | sha256sum`;
const STATE_MS = 15_000;
const DAY_MS = 86_400_000;
const MAX_SESSIONS = 5_000;
/** What each session's workspace was when it was last compared without a problem, with the sandbox that it was in. */
const seen = () => cacheOf<string>("project-looks", { max: MAX_SESSIONS, ttlMs: DAY_MS });

/** Has the next look compare, whatever the workspace is. */
export const forgetLook = (sessionId: SessionId): void => void seen().delete(sessionId);

/** What a sandbox says of its workspace's project. @throws HttpError upstream_failed */
async function printed(sandbox: Sandbox, known: readonly string[]): Promise<PrintedProject> {
  try {
    const text = await outputOf(
      sandbox,
      struere("print"),
      { ...OUTSIDE, STRUERE_KNOWN: known.join(" ") },
      MAX_PRINTED_CHARACTERS,
      LOOK_MS,
    );
    const parsed = printedProject.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asRefusal(error);
  }
  throw refuse("sandbox_silent");
}

interface Known {
  /** As `kind:slug:hash`. */
  entries: string[];
  kept: string[];
}

interface Read {
  found: { kind: ProjectKind; slug: string; file: string; hash: string }[];
  texts: { kind: ProjectKind; text: string }[];
  faults: WorkspaceFault[];
}

const SECRET =
  "It has one of this session's secrets in it. Name the variable in place of its value: what is pushed can be read by everybody in the organization.";

/** What a sandbox has said, checked: its texts are read and hashed again. */
export function readPrinted(said: PrintedProject, known: Known, masker: Pick<Masker, "mask">): Read {
  const entries = new Set(known.entries);
  const kept = new Set(known.kept);
  const found: Read["found"] = [];
  const texts: Read["texts"] = [];
  const faults: WorkspaceFault[] = said.faults.map((fault) => ({
    ...fault,
    file: masker.mask(fault.file),
    message: masker.mask(fault.message),
  }));
  const seen = new Set<string>();
  for (const { kind, slug, file, hash, text } of said.definitions) {
    const bad = (message: string, path?: string) =>
      faults.push({ file, message, ...(path !== undefined && { path }) });
    const key = `${kind}:${slug}`;
    if (!isProjectPath(file)) continue;
    if (seen.has(key)) bad(`There's another ${kind === "role" ? "name" : "definition"} ${slug}.`);
    else if (text === undefined) {
      // A sandbox that says what is not so shows a change where there is none, or the other way round, and no more.
      if (entries.has(`${key}:${hash}`) || kept.has(hash)) found.push({ kind, slug, file, hash });
    } else {
      const read = checkText(kind, text);
      if (!read.ok) for (const fault of read.faults.slice(0, 5)) bad(fault.message, fault.path);
      else if (read.name.slug !== slug || read.text !== text) bad("It isn't what its name says.");
      else if (masker.mask(text) !== text) bad(SECRET);
      else {
        found.push({ kind, slug, file, hash: createHash("sha256").update(text).digest("hex") });
        texts.push({ kind, text });
      }
    }
    seen.add(key);
  }
  const { faults: most, messageChars, pathChars } = WORKSPACE_LIMITS;
  return {
    found,
    texts,
    faults: faults.slice(0, most).map(({ message, path, ...place }) => ({
      ...place,
      ...(path !== undefined && { path: path.slice(0, pathChars) }),
      message: message.slice(0, messageChars),
    })),
  };
}

/** Texts in as many requests as they need. */
function* inParts(texts: Read["texts"]): Generator<Read["texts"]> {
  let part: Read["texts"] = [];
  let chars = 0;
  for (const one of texts) {
    if (chars + one.text.length > KEPT_AT_ONCE && part.length > 0) {
      yield part;
      part = [];
      chars = 0;
    }
    part.push(one);
    chars += one.text.length;
  }
  if (part.length > 0) yield part;
}

/**
 * Compares a live session's workspace with its project, and stores what is different. What keeps it from that is stored,
 * too, and what was known stays. Nothing is done where no file of it has changed since the last look.
 * @throws nothing but what Convex throws
 */
export async function lookAtProject(sessionId: SessionId): Promise<void> {
  const { session } = await sessionOf(sessionId);
  if (!isLive(session.status) || session.status === "provisioning" || !session.sandboxId) return;
  const data = serviceData();
  const known = await data.query(api.sessionProject.known, { sessionId });
  if (known === null) return;
  const at = Date.now();
  try {
    const sandbox = await openSandbox(session.sandboxId, session.idleTimeoutMs + DEADLINES.sandboxGraceMs);
    const sum = (await outputOf(sandbox, STATE, {}, undefined, STATE_MS)).slice(0, HASH_CHARS);
    const state = `${session.sandboxId} ${sum}`;
    if (seen().get(sessionId) === state) return;
    const hashes = [...known.entries.map((entry) => entry.slice(-HASH_CHARS)), ...known.kept];
    // Twice as many as an environment holds, at most: whole, they would be more than a variable can have.
    const said = await printed(sandbox, [...new Set(hashes.map((hash) => hash.slice(0, KNOWN_HASH_CHARS)))]);
    const { found, texts, faults } = readPrinted(said, known, await maskerOf(sessionId));
    for (const part of inParts(texts))
      await data.mutation(api.sessionProject.keep, { sessionId, texts: part });
    await data.mutation(api.sessionProject.record, {
      sessionId,
      revision: said.revision,
      found,
      faults,
      at,
    });
    // A file that took too long to read may take less the next time.
    if (faults.length === 0) seen().set(sessionId, state);
  } catch (error) {
    const problem = error instanceof HttpError ? error.message : "The project's files couldn't be read.";
    log("info", "a workspace was not compared with its project", { sessionId, error: messageOf(error) });
    if (refusalOf(error)?.code === "not_found") return;
    await data.mutation(api.sessionProject.failed, { sessionId, problem, at });
  }
}
