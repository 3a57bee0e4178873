import Link from "next/link";
import type { ApiError } from "../../lib/client/api.ts";
import { Notice } from "../ui/notice.tsx";

/** What a request was refused with. Signed out: the way back in. Nobody to pay: where to change that. */
export function ProblemNotice({ title, error }: { title: string; error: ApiError }) {
  return (
    <Notice
      tone="error"
      title={title}
      alert
      requestId={error.status >= 500 ? error.requestId : undefined}
      actions={nextStepOf(error)}
    >
      <p>{error.message}</p>
    </Notice>
  );
}

function nextStepOf(error: ApiError) {
  if (error.status === 401)
    return (
      <a className="btn btn-sm" href="/sign-in">
        Sign in
      </a>
    );
  if (error.status !== 402) return undefined;
  return (
    <>
      {error.code === "no_credits" && (
        <Link className="btn btn-sm" href="/settings/billing">
          Open Billing
        </Link>
      )}
      <Link className="btn btn-sm" href="/settings/providers">
        Open Providers
      </Link>
    </>
  );
}
