import { entryFor, policyWords, type RefusalReason } from "./network.ts";
import { base, type Draft, type Of } from "./projection-draft.ts";

const WHY: Record<RefusalReason, string> = {
  policy: "The policy doesn't list it.",
  private: "Its address is on a private network, which no policy opens.",
  operator: "The operator of this Studio doesn't allow it.",
};

export function networkApplied(draft: Draft, event: Of<"network.applied">): void {
  const { cause, ...policy } = event.payload;
  draft.network = policy;
  if (cause === "start") return;
  draft.items.push({
    ...base(event, `network:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: "The network policy changed",
    text: `${policyWords(policy)}.`,
  });
}

export function networkRefused(draft: Draft, event: Of<"network.refused">): void {
  const { host, port, reason } = event.payload;
  draft.items.push({
    ...base(event, `refused:${event.seq}`),
    kind: "notice",
    tone: "warning",
    title: `${entryFor(host, port)} was refused by the network policy`,
    text: WHY[reason],
    refused: { host, port, reason },
  });
}
