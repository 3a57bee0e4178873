"use client";

import Link from "next/link";
import { useId } from "react";
import { useAction } from "#client/action.ts";
import { type SkillOffer, useSkillOffers } from "#client/live-skills.ts";
import { dismissOffer, takeOffer } from "#client/skills.ts";
import { DiffView } from "../session/diff-view.tsx";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** What agents have made of skills in their workspaces: a person takes or dismisses each. */
export function SkillOffers({ mayDecide }: { mayDecide: (skillId: string | null) => boolean }) {
  const id = useId();
  const offers = useSkillOffers();
  if (offers.length === 0) return null;
  return (
    <Card>
      <CardHead id={id} title="Changes by agents" />
      <ul aria-labelledby={id} className="grid gap-4 p-3.5">
        {offers.map((offer) => (
          <Offer key={offer.id} offer={offer} mayDecide={mayDecide(offer.skillId)} />
        ))}
      </ul>
    </Card>
  );
}

function Offer({ offer, mayDecide }: { offer: SkillOffer; mayDecide: boolean }) {
  const isNew = offer.skillId === null;
  const what = isNew ? "skill" : "change";
  const take = useAction(async () => await takeOffer(offer.id), `Couldn't take the ${what}`);
  const dismiss = useAction(async () => await dismissOffer(offer.id), `Couldn't dismiss the ${what}`);
  return (
    <li className="grid gap-2">
      <p className="text-ink-2">
        <strong className="font-semibold text-ink">{offer.name}</strong> was {isNew ? "made" : "changed"} in{" "}
        <Link className="link" href={`/studio/${offer.sessionId}`}>
          a session
        </Link>{" "}
        <Ago at={offer.createdAt} />.{" "}
        {isNew ? "No other session has it." : "Your organization's copy is as it was."}
      </p>
      <DiffView diff={{ path: offer.path, old_text: offer.before, new_text: offer.after }} />
      {mayDecide && (
        <div className="flex flex-wrap gap-2">
          <Button
            look="primary"
            aria-label={isNew ? `Take the skill ${offer.name}` : `Take the change of ${offer.name}`}
            action={{ pending: take.pending, run: () => take.run() }}
          >
            Take this {what}
          </Button>
          <Button
            aria-label={isNew ? `Dismiss the skill ${offer.name}` : `Dismiss the change of ${offer.name}`}
            action={{ pending: dismiss.pending, run: () => dismiss.run() }}
          >
            Dismiss
          </Button>
        </div>
      )}
      <ActionProblem failure={take.failure ?? dismiss.failure} />
    </li>
  );
}
