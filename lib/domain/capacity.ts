/** What a live sandbox takes, with an agent at work in it. */
export const LIVE_MB = 1024;
/** What one takes whose agent waits for a session. */
export const WARM_MB = 512;
/** What the system and Studio's own services keep. */
const RESERVED_MB = 1536;
/** From so many sandboxes on, one of them may be warm, or two. */
const ONE_WARM_FROM = 4;
const TWO_WARM_FROM = 16;
/** However much memory there is: each takes a start now and then. */
export const MAX_WARM = 8;

/** How many sandboxes there may be at once. */
export interface SandboxLimits {
  /** Live and warm ones together; null where nothing bounds them here. */
  max: number | null;
  /** Of these, how many are kept warm. */
  warm: number;
}

/**
 * How many sandboxes the machine that runs them has room for.
 * @param given `memoryMb`: what is available there, undefined where the service does not say, as a cloud; `max` and
 * `warm`: what the operator has set
 */
export function sandboxLimits(given: {
  memoryMb?: number | undefined;
  max?: number | undefined;
  warm?: number | undefined;
}): SandboxLimits {
  const room =
    given.memoryMb === undefined ? null : Math.max(1, Math.floor((given.memoryMb - RESERVED_MB) / LIVE_MB));
  const max = given.max ?? room;
  const usual = max === null || max >= TWO_WARM_FROM ? 2 : max >= ONE_WARM_FROM ? 1 : 0;
  // One session must find room at least.
  const most = max === null ? MAX_WARM : Math.min(MAX_WARM, Math.max(0, max - 1));
  return { max, warm: Math.min(given.warm ?? usual, most) };
}

/** Somebody who waits for room, or has it. */
interface Waiting {
  organizationId: string;
  /** When it began to wait, as epoch milliseconds. */
  since: number;
}

/**
 * The order in which sessions get room: organizations take turns, and one that has much already comes later. Within an
 * organization, and within a turn, who came first is first.
 */
export function queueOrder<T extends Waiting>(
  waiting: readonly T[],
  held: readonly Pick<Waiting, "organizationId">[],
): T[] {
  const turns = new Map<string, number>();
  for (const { organizationId } of held) turns.set(organizationId, (turns.get(organizationId) ?? 0) + 1);
  const inTime = waiting.toSorted((a, b) => a.since - b.since);
  const withTurns = inTime.map((one) => {
    const turn = turns.get(one.organizationId) ?? 0;
    turns.set(one.organizationId, turn + 1);
    return { one, turn };
  });
  return withTurns.toSorted((a, b) => a.turn - b.turn).map(({ one }) => one);
}
