import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import { importedHead, type importQuery, type V1Session } from "#contracts/sessions-v1.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { IMPORT_LIMITS, type ImportFormat } from "#domain/import-limits.ts";
import type { Principal } from "#domain/principal.ts";
import {
  boundedFacts,
  checkImported,
  factsAfter,
  faultIn,
  type ImportedFacts,
  MAX_IMPORT_DEPTH,
  UNKNOWN_FACTS,
} from "#domain/session-import.ts";
import { isDeeper } from "#domain/json-depth.ts";
import { type JsonItem, JsonLinesReader, JsonListReader, MalformedJson } from "#net/json-list.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { mediaOf } from "../http/route.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { v1Session } from "./v1.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** So long nothing of the file may come. */
const STALL_MS = 30_000;

const rowFault = (line: number, path: string, message: string) =>
  refuse("import_row", {
    line,
    path,
    message: /^[a-z]/.test(message) ? `${message}.`.replace(/\.\.$/, ".") : message,
  });

/** JSON of a file, as an object. @throws HttpError import_row */
function parsed(text: string, line: number): unknown {
  if (isDeeper(text, MAX_IMPORT_DEPTH))
    throw rowFault(line, "", `Lists and objects are nested more than ${MAX_IMPORT_DEPTH} deep.`);
  try {
    return JSON.parse(text);
  } catch {
    throw rowFault(line, "", "This isn't valid JSON. Send the file as it was exported.");
  }
}

/** What an export says beside its events. */
interface Head {
  text: string;
  facts: ImportedFacts;
  sessionId: string;
}

/** @throws HttpError import_row */
function headOf(rest: string): Head {
  const value = parsed(rest, 1);
  const read = importedHead.safeParse(value);
  if (!read.success) {
    const { path, message } = faultIn(read.error);
    throw rowFault(1, path, message);
  }
  const { session } = read.data;
  // As it was sent: a schema's copy has its own order of fields.
  const { events: _events, ...head } = value as z.infer<typeof importedHead>;
  const text = JSON.stringify(head);
  if (Buffer.byteLength(text) > IMPORT_LIMITS.headBytes)
    throw rowFault(1, "", `More than ${IMPORT_LIMITS.headBytes} bytes stand beside the events.`);
  const { title, provider, model, agent_name } = session;
  return {
    text,
    sessionId: session.id,
    facts: { title, provider, model, ...(agent_name !== null && { agentName: agent_name }) },
  };
}

/** A file as it comes, taken apart into its events. */
interface Reader {
  push(text: string): JsonItem[];
  /** @returns the last events, and what stands beside them */
  end(): { items: JsonItem[]; rest: string | null };
}

function readerOf(format: ImportFormat): Reader {
  if (format === "jsonl") {
    const lines = new JsonLinesReader(IMPORT_LIMITS.eventBytes);
    return { push: (text) => lines.push(text), end: () => ({ items: lines.end(), rest: null }) };
  }
  const list = new JsonListReader("events", {
    itemChars: IMPORT_LIMITS.eventBytes,
    restChars: 2 * IMPORT_LIMITS.headBytes,
  });
  return { push: (text) => list.push(text), end: () => ({ items: [], rest: list.end() }) };
}

/** Pieces of a body as they come. @throws HttpError upload_stalled | body_incomplete | import_too_large */
async function* piecesOf(request: Request): AsyncGenerator<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > IMPORT_LIMITS.bytes)
    throw refuse("import_too_large", { maxBytes: IMPORT_LIMITS.bytes });
  const reader = request.body?.getReader();
  if (!reader) return;
  let size = 0;
  try {
    for (;;) {
      const { promise: stalled, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => reject(refuse("upload_stalled", { seconds: STALL_MS / 1000 })),
        STALL_MS,
      );
      const read = reader.read().catch(() => {
        throw refuse("body_incomplete");
      });
      const next = await Promise.race([read, stalled]).finally(() => clearTimeout(timer));
      if (next.done) return;
      size += next.value.length;
      if (size > IMPORT_LIMITS.bytes) throw refuse("import_too_large", { maxBytes: IMPORT_LIMITS.bytes });
      yield next.value;
    }
  } finally {
    // The rest is left to the server, which passes over it once the answer is sent.
    reader.releaseLock();
  }
}

/** The events of a file, checked one by one, and stored some at a time. */
class Importing {
  readonly #store: (from: number, events: string[]) => Promise<void>;
  #batch: string[] = [];
  #bytes = 0;
  #stored = 0;
  #seq = 0;
  #sessionId: string | undefined;
  facts: ImportedFacts = UNKNOWN_FACTS;

  constructor(store: (from: number, events: string[]) => Promise<void>) {
    this.#store = store;
  }

  get count(): number {
    return this.#seq;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** @throws HttpError import_row | import_too_long */
  async add({ text, line }: JsonItem): Promise<void> {
    const checked = checkImported(parsed(text, line));
    if ("fault" in checked) throw rowFault(line, checked.fault.path, checked.fault.message);
    this.#follows(checked.event, line);
    const stored = JSON.stringify(checked.event);
    const bytes = Buffer.byteLength(stored);
    if (bytes > IMPORT_LIMITS.eventBytes)
      throw rowFault(line, "", `The event has more than ${IMPORT_LIMITS.eventBytes} bytes.`);
    if (this.#bytes + bytes > IMPORT_LIMITS.batchBytes) await this.flush();
    this.#batch.push(stored);
    this.#bytes += bytes;
    this.facts = factsAfter(this.facts, checked.event);
    if (this.#batch.length >= IMPORT_LIMITS.batchEvents) await this.flush();
  }

  #follows(event: EventEnvelope, line: number): void {
    this.#seq += 1;
    if (this.#seq > IMPORT_LIMITS.events) throw refuse("import_too_long", { events: IMPORT_LIMITS.events });
    if (event.seq !== this.#seq)
      throw rowFault(line, "seq", `It is ${event.seq}, and ${this.#seq} comes next: the log must be whole.`);
    this.#sessionId ??= event.session_id;
    if (event.session_id !== this.#sessionId)
      throw rowFault(line, "session_id", "It is another session's than in the events before.");
  }

  async flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const events = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    await this.#store(this.#stored + 1, events);
    this.#stored += events.length;
  }
}

/** Reads a file whole, and has its events stored. @throws HttpError */
async function take(request: Request, format: ImportFormat, into: Importing): Promise<Head | null> {
  const reader = readerOf(format);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const text = (piece?: Uint8Array) => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
    } catch {
      throw rowFault(into.count + 1, "", "This isn't UTF-8. Send the file as it was exported.");
    }
  };
  try {
    for await (const piece of piecesOf(request))
      for (const item of reader.push(text(piece))) await into.add(item);
    const more = reader.push(text());
    const { items, rest } = reader.end();
    for (const item of [...more, ...items]) await into.add(item);
    await into.flush();
    return rest === null ? null : headOf(rest);
  } catch (error) {
    throw error instanceof MalformedJson ? rowFault(error.line, "", error.message) : error;
  }
}

/**
 * Makes a session of an export, to be read and nothing else. Nobody finds it before it is whole; of a file with a fault,
 * and of one that broke off, nothing stays.
 * @throws HttpError invalid_request with the line and the field | too_large | session_limit | forbidden
 */
export async function importSession(
  caller: Caller,
  request: Request,
  { environment }: z.output<typeof importQuery>,
): Promise<V1Session> {
  const format = mediaOf(request) === "application/json" ? "json" : "jsonl";
  const convex = serviceData();
  const actor = actorOf(caller);
  const { importId } = await convex.mutation(api.sessionImports.begin, {
    actor,
    format,
    ...(environment && { environment }),
  });
  try {
    const into = new Importing(
      async (from, events) =>
        void (await convex.mutation(api.sessionImports.append, { actor, importId, from, events })),
    );
    const head = await take(request, format, into);
    if (!head && into.count === 0) throw refuse("import_empty");
    if (head && into.sessionId !== undefined && head.sessionId !== into.sessionId)
      throw rowFault(1, "session.id", "The events are of another session.");
    const session = await convex.mutation(api.sessionImports.finish, {
      actor,
      importId,
      ...boundedFacts(head?.facts ?? into.facts),
      ...(head && { head: head.text }),
    });
    return await v1Session(caller, session);
  } catch (error) {
    await convex.mutation(api.sessionImports.abandon, { actor, importId }).catch((failure: unknown) =>
      // The sweep gives it up, once its time is over.
      log("warn", "an import could not be given up yet", { importId, error: messageOf(failure) }),
    );
    throw error;
  }
}
