import { randomBytes } from "node:crypto";
import fs from "node:fs";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Transform } from "node:stream";
import { textOf } from "../engine/json.ts";
import { PlatformError } from "../engine/errors.ts";
import type { RuntimeHost } from "../host/host.ts";
import { FORMATS, MODES, type ImportRequest } from "../imports/source.ts";
import { readState, tidyImports, writeState, type ImportState } from "../imports/states.ts";
import { RequestError } from "./request-error.ts";

const MAX_PARTS = 9_999;
/** As much as an archive of our own can have. */
const MAX_UPLOAD_BYTES = 0xffff_ffff;
const MAX_PART_BYTES = 64 * 1024 * 1024;

type ImportHost = Pick<RuntimeHost, "previewImport" | "import">;

/** The uploads of `npx convex import`, until they are imported (convex 1.48.0, src/cli/lib/convexImport.ts). */
export class Imports {
  private readonly folder: string;
  private readonly host: ImportHost;
  private readonly now: () => number;
  /** Uploads that are being put together, by their tokens. */
  private readonly finishing = new Map<string, Promise<string>>();

  /**
   * @param folder where uploads and the states of imports are kept
   * @param now in milliseconds since the epoch
   */
  constructor(folder: string, host: ImportHost, now: () => number) {
    this.folder = folder;
    this.host = host;
    this.now = now;
    tidyImports(folder, now());
  }

  /** To be called for the admin alone. @param body reads the request's JSON. @throws RequestError */
  async respond(
    request: IncomingMessage,
    pathname: string,
    query: URLSearchParams,
    body: () => Promise<Record<string, unknown>>,
  ): Promise<unknown> {
    switch (pathname) {
      case "/api/import/start_upload":
        request.resume();
        return { uploadToken: this.begin() };
      case "/api/import/upload_part":
        return this.take(request, query.get("uploadToken") ?? "", Number(query.get("partNumber")));
      case "/api/import/finish_upload":
        return { importId: await this.finishOnce(await body()) };
      case "/api/perform_import":
        return this.perform(textOf((await body())["importId"]));
      default:
        throw new RequestError(404, "NotFound", `There is nothing at ${pathname}.`);
    }
  }

  private begin(): string {
    tidyImports(this.folder, this.now());
    const id = randomBytes(16).toString("hex");
    fs.mkdirSync(this.parts(id), { recursive: true, mode: 0o700 });
    return id;
  }

  private parts(id: string): string {
    return path.join(this.folder, `${id}.parts`);
  }

  private upload(id: string): string {
    return path.join(this.folder, `${id}.upload`);
  }

  private checkToken(id: string): void {
    const isOpen = /^[0-9a-f]{32}$/.test(id) && fs.existsSync(this.parts(id));
    if (!isOpen) throw new RequestError(400, "InvalidUploadToken", "There is no upload with this token.");
  }

  /** Stores one part; sent again, it takes the first one's place. */
  private async take(request: IncomingMessage, id: string, number: number): Promise<string> {
    this.checkToken(id);
    if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
      throw new RequestError(400, "InvalidPartNumber", `A part's number is from 1 to ${MAX_PARTS}.`);
    }
    const file = path.join(this.parts(id), String(number));
    const partial = `${file}.${randomBytes(4).toString("hex")}`;
    let size = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        const isTooLarge = size > MAX_PART_BYTES;
        done(
          isTooLarge
            ? new RequestError(413, "BodyTooLarge", `A part exceeds ${MAX_PART_BYTES} bytes.`)
            : null,
          chunk,
        );
      },
    });
    try {
      await pipeline(request, counted, fs.createWriteStream(partial, { mode: 0o600 }));
      fs.renameSync(partial, file);
    } catch (error) {
      fs.rmSync(partial, { force: true });
      throw error;
    }
    return String(number);
  }

  /** Sent again while the first is under way, it waits for the same end. */
  private async finishOnce(body: Record<string, unknown>): Promise<string> {
    const token = textOf(body["uploadToken"]);
    const underWay = this.finishing.get(token);
    if (underWay) return underWay;
    const finished = this.finish(token, body);
    this.finishing.set(token, finished);
    try {
      return await finished;
    } finally {
      this.finishing.delete(token);
    }
  }

  /** Puts the parts together and reads the whole once. @returns the import's id, also of one that has failed already */
  private async finish(id: string, body: Record<string, unknown>): Promise<string> {
    // Sent again, since the first answer was lost.
    if (readState(this.folder, id)) return id;
    this.checkToken(id);
    const request = requestOf(body["import"]);
    await this.join(id, body["partTokens"]);
    const job = { id, file: this.upload(id), request };
    fs.writeFileSync(`${job.file}.request`, JSON.stringify(request), { mode: 0o600, flush: true });
    let state: ImportState;
    try {
      const { deletes, message } = await this.host.previewImport(job);
      state = {
        state: "waiting_for_confirmation",
        message_to_confirm: message,
        require_manual_confirmation: deletes,
      };
    } catch (error) {
      this.forget(id);
      state = failed(error);
    }
    writeState(this.folder, id, state);
    return id;
  }

  private async join(id: string, tokens: unknown): Promise<void> {
    if (!Array.isArray(tokens)) throw new RequestError(400, "InvalidParts", "The parts must be a list.");
    const files = tokens.map((token: unknown) =>
      path.join(this.parts(id), /^\d{1,4}$/.test(textOf(token)) ? String(token) : ""),
    );
    const sizes = files.map((file) => fs.statSync(file, { throwIfNoEntry: false }));
    if (tokens.length > MAX_PARTS || !sizes.every((found) => found?.isFile())) {
      throw new RequestError(400, "InvalidParts", "A part of the upload is missing.");
    }
    if (sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0) > MAX_UPLOAD_BYTES) {
      throw new RequestError(413, "BodyTooLarge", `The upload exceeds ${MAX_UPLOAD_BYTES} bytes.`);
    }
    fs.writeFileSync(this.upload(id), "", { mode: 0o600 });
    for (const file of files) {
      const whole = fs.createWriteStream(this.upload(id), { flags: "a", flush: file === files.at(-1) });
      await pipeline(fs.createReadStream(file), whole);
    }
    fs.rmSync(this.parts(id), { recursive: true });
  }

  /** Begins a confirmed import; one that is begun already goes on. */
  private perform(id: string): null {
    const { state } = readState(this.folder, id) ?? {};
    if (state === "in_progress" || state === "completed") return null;
    if (state !== "waiting_for_confirmation") {
      throw new RequestError(
        400,
        "ImportNotWaiting",
        "There is no import with this id that waits for its confirmation.",
      );
    }
    const file = this.upload(id);
    const request = JSON.parse(fs.readFileSync(`${file}.request`, "utf8")) as ImportRequest;
    writeState(this.folder, id, {
      state: "in_progress",
      progress_message: "Importing",
      checkpoint_messages: [],
    });
    const settle = (written: number | null, error: unknown): void => {
      this.forget(id);
      writeState(
        this.folder,
        id,
        written === null ? failed(error) : { state: "completed", num_rows_written: written },
      );
    };
    // How it ends is in its state, which the client watches.
    this.host.import({ id, file, request }, settle).catch(() => undefined);
    return null;
  }

  private forget(id: string): void {
    for (const file of [this.upload(id), `${this.upload(id)}.request`]) fs.rmSync(file, { force: true });
  }
}

function failed(error: unknown): ImportState {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PlatformError)) process.stderr.write(`import: ${message}\n`);
  return { state: "failed", error_message: message };
}

/** @throws RequestError for anything but what the command sends */
function requestOf(value: unknown): ImportRequest {
  const { tableName = null, componentPath, mode, format } = (value ?? {}) as Record<string, unknown>;
  const foundMode = MODES.find((name) => name === mode);
  const foundFormat = FORMATS.find((name) => name === format);
  const isTable = foundFormat === "zip" ? tableName === null : typeof tableName === "string";
  if (!foundMode || !foundFormat || !isTable) {
    throw new RequestError(
      400,
      "InvalidImport",
      "The import must have a mode, a format, and a table unless it is a ZIP.",
    );
  }
  return {
    tableName: tableName as string | null,
    component: textOf(componentPath),
    mode: foundMode,
    format: foundFormat,
  };
}
