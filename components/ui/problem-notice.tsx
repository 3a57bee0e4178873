"use client";

import type { Failure } from "#client/action.ts";
import type { ApiError } from "#client/api.ts";
import { Button, ButtonLink } from "./button.tsx";
import { buttonClass } from "./button-class.ts";
import { Notice } from "./notice.tsx";

/** Where credits, and keys that need none, come from. */
export function CreditsLinks({ billing = true }: { billing?: boolean }) {
  return (
    <>
      {billing && (
        <ButtonLink size="sm" href="/settings/billing">
          Open Billing
        </ButtonLink>
      )}
      <ButtonLink size="sm" href="/settings/providers">
        Open Providers
      </ButtonLink>
    </>
  );
}

/** The way on from a refusal. Signed out: the way back in. Nobody to pay: where to change that. */
function nextStepOf(error: ApiError, retry: (() => void) | undefined) {
  if (error.status === 401)
    return (
      <a className={buttonClass({ size: "sm" })} href="/sign-in">
        Sign in
      </a>
    );
  if (error.status === 402) return <CreditsLinks billing={error.code === "no_credits"} />;
  if (!retry) return undefined;
  return (
    <Button size="sm" onClick={retry}>
      Try again
    </Button>
  );
}

/** What a request was refused with. @param retry where nothing else on the page does the same again */
export function ProblemNotice({
  title,
  error,
  retry,
}: {
  title: string;
  error: ApiError;
  retry?: (() => void) | undefined;
}) {
  return (
    <Notice
      tone="error"
      title={title}
      alert
      requestId={error.status >= 500 ? error.requestId : undefined}
      actions={nextStepOf(error, retry)}
    >
      <p>{error.message}</p>
    </Notice>
  );
}

/**
 * Why an action failed; nothing where it did not.
 * @param brief a line instead of a box, for a menu or a card
 * @param retryable offers to do the same again, where the button that did it is gone
 */
export function ActionProblem({
  failure,
  brief = false,
  retryable = false,
}: {
  failure: Failure | undefined;
  brief?: boolean;
  retryable?: boolean;
}) {
  if (!failure) return null;
  if (brief)
    return (
      <p role="alert" className="text-small text-danger">
        {failure.error.message}
      </p>
    );
  return (
    <ProblemNotice
      title={failure.title}
      error={failure.error}
      retry={retryable ? failure.retry : undefined}
    />
  );
}
