import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { readText } from "../../net/body.ts";
import { agentKey, AGENT_PORT, sandboxFetch, type SandboxRef } from "../sandbox/sandbox.ts";

/** Where an agent is reached: a new id for each start, so that what was learned of one opens no other. */
export interface AgentPlace {
  ref: SandboxRef;
  sessionId: string;
  acpServerId: string;
}

/** The agent's bridge did not take a message, or was not the one that answered; `status` is the HTTP status. */
export class AgentServerError extends Error {
  readonly status: number;
  /** The bridge's own word for what is wrong, where it has one: `AGENT_EXITED`, for example. */
  readonly code: string | undefined;

  constructor(status: number, detail: string, code?: string) {
    super(detail);
    this.name = "AgentServerError";
    this.status = status;
    this.code = code;
  }
}

/** The code of a refusal by a bridge whose agent no longer runs. */
export const AGENT_EXITED = "agent_process_exited";

const refusalSchema = z.object({ error: z.string() });

/** The code in a bridge's refusal: `{"error":"…"}`. */
function codeOf(text: string): string | undefined {
  try {
    return refusalSchema.safeParse(JSON.parse(text)).data?.error;
  } catch {
    return undefined;
  }
}

interface BridgeRequest {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

const BAD_GATEWAY = 502;
const MAX_DETAIL = 500;
const MAX_REFUSAL_BYTES = 64_000;

/**
 * A request to the bridge in front of an agent (sandbox-template/agent/bridge.ts). It is signed with a key that never
 * travels, and so is the answer: another program at the bridge's port learns nothing and is not believed.
 * @throws AgentServerError where the answer is not the bridge's own
 */
export async function bridgeFetch(
  place: AgentPlace,
  path: string,
  { method = "GET", body, headers, signal }: BridgeRequest = {},
): Promise<Response> {
  const key = Buffer.from(agentKey(place.sessionId, place.acpServerId), "hex");
  const mac = (text: string) => createHmac("sha256", key).update(text).digest();
  const nonce = randomBytes(16).toString("hex");
  const hash = createHash("sha256")
    .update(body ?? "")
    .digest("hex");
  const response = await sandboxFetch(place.ref, AGENT_PORT, path, {
    method,
    headers: {
      ...headers,
      "x-studio-nonce": nonce,
      "x-studio-mac": mac(`${nonce}\n${method}\n${path}\n${hash}`).toString("hex"),
    },
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
  });
  const given = Buffer.from(response.headers.get("x-studio-mac") ?? "", "hex");
  const right = mac(`${nonce}\nanswer`);
  if (given.length === right.length && timingSafeEqual(given, right)) return response;
  await response.body?.cancel();
  throw new AgentServerError(
    response.ok ? BAD_GATEWAY : response.status,
    "Something else than the agent's bridge answered.",
  );
}

/** The refusal as an error, with the beginning of what was said. */
export async function bridgeError(response: Response): Promise<AgentServerError> {
  const text = await readText(response, MAX_REFUSAL_BYTES);
  return new AgentServerError(response.status, text.slice(0, MAX_DETAIL), codeOf(text));
}
