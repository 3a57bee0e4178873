import type { SentBody } from "#contracts/routes.ts";
import type { SessionView } from "#domain/session-view.ts";
import { call, type Models } from "./api.ts";
import { keepDraft, messageDraft } from "./draft.ts";
import { staying } from "./leave.ts";

/** What a session can be started with, and who would pay. */
export const fetchModels = async (): Promise<Models> => await call("GET /api/studio/models");

/**
 * Branches a session, and goes to the new one.
 * @param message what stands in its field; empty for nothing
 * @returns a promise that never settles: what started it stays pending until the page is gone
 */
export async function branchWith(
  id: string,
  body: SentBody<"POST /api/studio/sessions/{id}/branch">,
  message: string,
  go: (path: string) => void,
): Promise<never> {
  const { sessionId } = await call("POST /api/studio/sessions/{id}/branch", { params: { id }, body });
  if (message !== "") keepDraft(messageDraft(sessionId), { text: message });
  go(`/studio/${sessionId}`);
  return await staying();
}

/** The last event that belongs to a turn and to what followed it, before the next one was asked for or began. */
export function endOfTurn({ runs, items, seq }: SessionView, runId: string): number {
  const ended = runs.find(({ id }) => id === runId)?.endedSeq;
  if (ended === undefined) return seq;
  const next = [
    ...runs.flatMap(({ startedSeq }) => startedSeq ?? []),
    ...items.filter(({ kind }) => kind === "user").map((item) => item.seq),
  ].filter((at) => at > ended);
  return next.length === 0 ? seq : Math.min(...next) - 1;
}

type Model = Models["providers"][number]["models"][number];
const priceOf = ({ priceInMicroUsd, priceOutMicroUsd }: Model) => priceInMicroUsd + priceOutMicroUsd;

/** The cheapest model that costs less than one, of its own provider where that has any; that one where there is none. */
export function cheaperThan(
  { providers }: Models,
  now: { provider: string; model: string },
): { provider: string; model: string } {
  const price = (of: { provider: string; model: string }) => {
    const model = providers.find(({ id }) => id === of.provider)?.models.find(({ id }) => id === of.model);
    return model?.priceKnown ? priceOf(model) : Infinity;
  };
  const limit = price(now);
  const cheaper = providers
    .flatMap(({ id: provider, models }) =>
      models
        .filter((model) => model.available && model.priceKnown && priceOf(model) < limit)
        .map((model) => ({ provider, model: model.id, price: priceOf(model) })),
    )
    .toSorted(
      (a, b) =>
        Number(b.provider === now.provider) - Number(a.provider === now.provider) || a.price - b.price,
    );
  const [first] = cheaper;
  return first ? { provider: first.provider, model: first.model } : now;
}
