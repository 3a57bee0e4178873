"use client";

import { useRouter } from "next/navigation";
import { useAction } from "#client/action.ts";
import { dropDraft, messageDraft, readDraft } from "#client/draft.ts";
import { startWith } from "#client/start.ts";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** Starts a session of the same kind with the same words, for one that failed before it could begin. */
export function TryAgain() {
  const router = useRouter();
  const { session } = useOpened();
  const { view } = useSessionState();
  const again = useAction(async () => {
    const first = view.items.find((item) => item.kind === "user");
    // It may have failed before it took its first message.
    const text = first?.kind === "user" ? first.text : readDraft(messageDraft(session.id))?.text;
    const { environment, provider, model, title, autoApprove, budgetCapMicroUsd: cap } = session;
    const asked = {
      environment,
      provider,
      model,
      title,
      autoApprove,
      ...(cap !== null && { budgetCapMicroUsd: cap }),
    };
    await startWith(asked, text, (path) => {
      dropDraft(messageDraft(session.id));
      router.push(path);
    });
  }, "Couldn't start the session");
  return (
    <>
      <Button look="primary" action={again} busy="Starting again">
        Try again
      </Button>
      <ActionProblem failure={again.failure} />
    </>
  );
}
