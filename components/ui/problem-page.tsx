"use client";

import { useEffect } from "react";

/** A page that could not be shown: what happened, what it means, what to do. `digest` finds it in the server's log. */
export function ProblemPage({ error }: { error: Error & { digest?: string } }) {
  useEffect(() => console.error(error), [error]);
  return (
    <main id="main" className="empty min-h-dvh content-center bg-paper">
      <h1 className="text-head">This page couldn't be loaded</h1>
      <p>
        Studio may be starting up or unreachable. Your sessions keep running without this page, and nothing in
        them is lost.
      </p>
      <div className="mt-2 flex gap-2">
        <button type="button" className="btn btn-primary" onClick={() => window.location.reload()}>
          Try again
        </button>
        <a className="btn" href="/studio">
          Go to Studio
        </a>
      </div>
      {error.digest && (
        <p className="text-small">
          Reference <span className="fact">{error.digest}</span>
        </p>
      )}
    </main>
  );
}
