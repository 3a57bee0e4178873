import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { type Api, until } from "./api.ts";
import { type Attachment, Stack } from "./stack.ts";
import { Visitor } from "./visitor.ts";

/** The folder of tests where the file that attaches to it lies, for the processes that run them. */
const FILE = "STUDIO_TEST_SHARED";
const START_MS = 120_000;
/** There once somebody asks for it. */
const wish = (file: string) => `${file}.wanted`;

/**
 * Setup of a whole run, after what it needs was built: starts one Studio for all files that neither end its parts nor
 * change how they are started, once the first of them asks for it.
 * @returns what stops it
 */
export default function startShared(project: TestProject): () => Promise<void> {
  const folder = fs.mkdtempSync(path.join(project.config.root, "node_modules/.studio-shared-"));
  const file = path.join(folder, "shared.json");
  process.env[FILE] = file;
  const note = (text: string) => {
    fs.writeFileSync(`${file}.new`, text);
    fs.renameSync(`${file}.new`, file);
  };
  let starting: Promise<Stack | undefined> | undefined;
  const start = async () => {
    try {
      const stack = await Stack.start(undefined, { stripe: true });
      note(JSON.stringify(stack.attachment()));
      return stack;
    } catch (error) {
      note(JSON.stringify({ failed: String(error) }));
      return undefined;
    }
  };
  const watcher = fs.watch(folder, () => {
    if (fs.existsSync(wish(file))) starting ??= start();
  });
  return async () => {
    watcher.close();
    await (await starting)?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}

/**
 * The Studio of the whole run, for a file that ends none of its parts: with a person, an organization and a key of the
 * file's own, so that nothing of another file is in it. To be awaited at the top of the file.
 */
export async function sharedStudio(): Promise<{ stack: Stack; api: Api }> {
  const file = process.env[FILE] ?? "";
  fs.writeFileSync(wish(file), "");
  await until("the shared Studio", async () => fs.existsSync(file), START_MS);
  const noted = JSON.parse(fs.readFileSync(file, "utf8")) as Attachment | { failed: string };
  if ("failed" in noted) throw new Error(`The shared Studio did not start: ${noted.failed}`);
  const email = `owner-${randomBytes(6).toString("hex")}@studio.example`;
  const { api, key, password } = await Visitor.withOrganization(noted.url, "Shared", email);
  return { stack: Stack.attach(noted, { email, password, apiKey: key }), api };
}
