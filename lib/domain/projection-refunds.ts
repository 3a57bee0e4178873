import { base, type Draft, type Of } from "./projection-draft.ts";

/** Micro-USD as dollars, to the cent where that says it all. */
const dollars = (microUsd: number) =>
  `$${microUsd % 10_000 === 0 ? (microUsd / 1e6).toFixed(2) : String(microUsd / 1e6)}`;

export function creditsReturned(draft: Draft, event: Of<"credits.returned">): void {
  draft.items.push({
    ...base(event, `refund:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: "Credits returned",
    text: `This run failed for a cause on our side, so ${dollars(event.payload.amount_micro_usd)} went back to the organization's credits.`,
  });
}
