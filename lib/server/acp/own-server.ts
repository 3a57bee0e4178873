import { readJson } from "../../net/body.ts";
import { WORKSPACE } from "../provision/workspace.ts";
import { SUBAGENT_PORT, sandboxFetch, type SandboxRef, subagentPassword } from "../sandbox/sandbox.ts";

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 4_000_000;
const where = `?directory=${encodeURIComponent(WORKSPACE)}`;

/** A request to the agent's own server, which knows what does not come by ACP (OpenCode 1.18.33). */
export async function askAgent(
  ref: SandboxRef,
  sessionId: string,
  path: string,
  body?: object,
): Promise<Response> {
  const user = Buffer.from(`opencode:${subagentPassword(sessionId)}`).toString("base64");
  return await sandboxFetch(ref, SUBAGENT_PORT, path + where, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Basic ${user}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** What the agent lists under a path, as it comes. @throws Error where nobody answers */
export async function listOfAgent(ref: SandboxRef, sessionId: string, path: string): Promise<unknown> {
  const answer = await askAgent(ref, sessionId, path);
  if (!answer.ok) throw new Error(`The agent's own server answered ${answer.status}.`);
  return await readJson(answer, MAX_ANSWER_BYTES);
}

/** Tells the agent something; what it does not wait for any more is as good as told. @throws Error */
export async function tellAgent(
  ref: SandboxRef,
  sessionId: string,
  path: string,
  body: object,
): Promise<void> {
  const answer = await askAgent(ref, sessionId, path, body);
  await answer.body?.cancel();
  if (!answer.ok && answer.status !== 404)
    throw new Error(`The agent's own server answered ${answer.status}.`);
}
