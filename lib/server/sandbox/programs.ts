import type { Sandbox } from "e2b";
import type { z } from "zod";
import { refuse } from "../http/refuse.ts";
import { asRefusal, outputOf } from "./files.ts";

interface Program<T> {
  /** Its file below the template's `agent` folder, without the ending. */
  name: string;
  args?: string;
  env?: Record<string, string>;
  /** What it prints as JSON. */
  schema: z.ZodType<T>;
  timeoutMs?: number;
  /** By default as much as a short answer has. */
  maxCharacters?: number;
}

/**
 * What a program of the template (sandbox-template/agent) prints; nobody inside can write to it or to its Node.
 * @throws HttpError upstream_failed, also where it prints something else
 */
export async function printedBy<T>(sandbox: Sandbox, program: Program<T>): Promise<T> {
  const { name, args = "", env, schema, timeoutMs, maxCharacters } = program;
  const command = `exec /opt/studio/bin/node /opt/studio/agent/${name}.mjs ${args}`;
  try {
    const parsed = schema.safeParse(
      JSON.parse(await outputOf(sandbox, command, env, maxCharacters, timeoutMs)),
    );
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw asRefusal(error);
  }
  throw refuse("sandbox_silent");
}
