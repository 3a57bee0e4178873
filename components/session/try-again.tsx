"use client";

import { useRouter } from "next/navigation";
import { useAction } from "#client/action.ts";
import { isMasked } from "#domain/masked.ts";
import { joinTexts } from "#client/draft.ts";
import { readUnsent } from "#client/sending.ts";
import { startWith } from "#client/start.ts";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";
import { isLogged } from "./use-outbox.ts";

const MASKED = "Secrets in it were hidden when it was stored, so fill them in first.";

/**
 * Starts a session of the same kind with the same words, for one that failed before it could begin. What was written
 * meanwhile goes with it.
 */
export function TryAgain() {
  const router = useRouter();
  const { session } = useOpened();
  const { view } = useSessionState();
  const again = useAction(async () => {
    const first = view.items.find((item) => item.kind === "user");
    const said = first?.kind === "user" ? first.text : undefined;
    const { text: written, drop } = readUnsent(session.id, (text, after) => isLogged(view, text, after));
    const masked = said !== undefined && isMasked(said);
    // It may have failed before it took its first message.
    const text = masked ? undefined : (said ?? (written || undefined));
    const rest = masked ? joinTexts(said, written) : said === undefined ? "" : written;
    const { environment, provider, model, title, autoApprove, budgetCapMicroUsd: cap } = session;
    const asked = {
      environment,
      provider,
      model,
      title,
      autoApprove,
      ...(cap !== null && { budgetCapMicroUsd: cap }),
    };
    const message = { text, rest: () => rest, problem: masked ? MASKED : undefined };
    await startWith(asked, message, (path) => {
      drop();
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
