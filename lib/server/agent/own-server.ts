import { readJson } from "#net/body.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { type AgentPlace, bridgeFetch } from "./bridge.ts";

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 4_000_000;
const where = `?directory=${encodeURIComponent(WORKSPACE)}`;

/** A request to the agent's own server, which knows what does not come by ACP (OpenCode 1.18.33). */
async function askAgent(place: AgentPlace, path: string, body?: object): Promise<Response> {
  return await bridgeFetch(place, `/v1/agent${path}${where}`, {
    method: body ? "POST" : "GET",
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** What the agent lists under a path, as it comes. @throws Error where nobody answers */
export async function listOfAgent(place: AgentPlace, path: string): Promise<unknown> {
  const answer = await askAgent(place, path);
  if (!answer.ok) throw new Error(`The agent's own server answered ${answer.status}.`);
  return await readJson(answer, MAX_ANSWER_BYTES);
}

/** Tells the agent something; what it no longer waits for is as good as told. @throws Error */
export async function tellAgent(place: AgentPlace, path: string, body: object): Promise<void> {
  const answer = await askAgent(place, path, body);
  await answer.body?.cancel();
  if (!answer.ok && answer.status !== 404)
    throw new Error(`The agent's own server answered ${answer.status}.`);
}
