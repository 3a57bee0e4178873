import type { Doc } from "../_generated/dataModel";
import { refuse } from "../functions.ts";

/** @throws lease_lost where the lease has changed hands since `generation` */
export function checkLease(stream: Doc<"sessionStreams">, generation: number): void {
  if (stream.generation !== generation || stream.holder === null) throw refuse("lease_lost");
}
