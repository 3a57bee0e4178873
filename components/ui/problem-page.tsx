"use client";

import { useEffect } from "react";
import { common as t } from "../../lib/client/messages/common.ts";
import { Rich } from "./rich.tsx";

/** A page that could not be shown: what happened, what it means, what to do. `digest` finds it in the server's log. */
export function ProblemPage({ error }: { error: Error & { digest?: string } }) {
  useEffect(() => console.error(error), [error]);
  return (
    <main id="main" className="empty min-h-dvh content-center bg-paper">
      <h1 className="text-head">{t.thisPageCouldNotBe}</h1>
      <p>{t.studiosOwnServicesMayBe}</p>
      <div className="mt-2 flex gap-2">
        <button type="button" className="btn btn-primary" onClick={() => window.location.reload()}>
          {t.tryAgain}
        </button>
        <a className="btn" href="/studio">
          {t.goToStudio}
        </a>
      </div>
      {error.digest && (
        <p className="text-small">
          <Rich text={t.referenceId} parts={{ id: <span className="fact">{error.digest}</span> }} />
        </p>
      )}
    </main>
  );
}
