import type { Id } from "#convex/_generated/dataModel.js";
import type { Masker } from "#domain/mask.ts";
import type { AgentEvent } from "./translation.ts";

/**
 * An event as the log takes it. Its payload becomes text here, once, and without the sandbox's secrets: the database
 * stores that text. Pieces of text come masked, so that no secret is shown half; their ids, and what they make when
 * they are joined, do not.
 */
export function toStored(event: AgentEvent, masker: Masker) {
  return {
    type: event.type,
    source: event.source,
    payload: masker.mask(JSON.stringify(event.payload)),
    ...(event.runId && { runId: event.runId as Id<"runs"> }),
    ...(event.rpcId !== undefined && { rpcId: event.rpcId }),
    ...(event.act && { act: true }),
  };
}
