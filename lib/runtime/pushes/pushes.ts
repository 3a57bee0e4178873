import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { filesOf } from "./analyze.ts";
import { PushError, pushedOf } from "./pushed.ts";

const RUNTIME = fileURLToPath(new URL("../main.mjs", import.meta.url));
/** Loading an app takes a second or two; code that never ends is ended. */
const LOAD_MS = 60_000;

export interface PushParts {
  /** Where code that was pushed lies while it is looked at. */
  folder: string;
  /** The served app's folder: packages that are not bundled are looked for from it. */
  project: string;
  /** What the app sees as `process.env`. */
  env: () => Record<string, string>;
}

/**
 * Tells `npx convex codegen` of an app's components and functions: loads what it sends in a process of its own, and
 * changes nothing of what is served, which always is the runtime's own folder.
 */
export class Pushes {
  private readonly parts: PushParts;

  constructor(parts: PushParts) {
    this.parts = parts;
    // What a crash has left.
    fs.rmSync(parts.folder, { recursive: true, force: true });
  }

  /** What a deployment has, to which only what differs would be sent: none of it is kept here. */
  hashes(): object {
    return {
      config: { functions: "convex/" },
      moduleHashes: [],
      nodeDependencies: [],
      udfServerVersion: "1.48.0",
    };
  }

  /** @throws PushError that says what is wrong with what was sent */
  async analyze(body: Record<string, unknown>): Promise<object> {
    pushedOf(body);
    const { folder: all, project, env } = this.parts;
    fs.mkdirSync(all, { recursive: true, mode: 0o700 });
    const folder = fs.mkdtempSync(path.join(all, "push-"));
    const { request, answer } = filesOf(folder);
    try {
      fs.writeFileSync(request, JSON.stringify(body), { mode: 0o600 });
      const args = ["--", RUNTIME, "analyze", "--data", folder, "--dir", project];
      // It gets nothing of this process's own environment.
      const options = { env: { NODE_ENV: "production" as const, ...env() }, timeout: LOAD_MS };
      await promisify(execFile)(process.execPath, args, options).catch((error: unknown) => {
        const { killed } = error as { killed?: boolean };
        if (killed) throw new PushError(`The app wasn't loaded within ${LOAD_MS / 1000} s.`);
        throw new PushError("The app's code ended the process that loaded it.");
      });
      const said = JSON.parse(fs.readFileSync(answer, "utf8")) as
        | { ok: true; answer: object }
        | { ok: false; reason: string };
      if (!said.ok) throw new PushError(said.reason);
      return said.answer;
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}
