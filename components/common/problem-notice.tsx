import type { ApiError } from "../../lib/client/api.ts";
import { Notice } from "../ui/notice.tsx";

/** What a request was refused with. Signed out: the way back in. */
export function ProblemNotice({ title, error }: { title: string; error: ApiError }) {
  const signedOut = error.status === 401;
  return (
    <Notice
      tone="error"
      title={title}
      alert
      requestId={error.status >= 500 ? error.requestId : undefined}
      actions={
        signedOut && (
          <a className="btn btn-sm" href="/sign-in">
            Sign in
          </a>
        )
      }
    >
      <p>{error.message}</p>
    </Notice>
  );
}
