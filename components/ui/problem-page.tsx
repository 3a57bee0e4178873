"use client";

import { useEffect } from "react";
import { Button } from "./button.tsx";
import { buttonClass } from "./button-class.ts";

/** A page that could not be shown: what happened, what it means, what to do. `digest` finds it in the server's log. */
export function ProblemPage({ error }: { error: Error & { digest?: string } }) {
  useEffect(() => console.error(error), [error]);
  return (
    <main
      id="main"
      className="grid min-h-dvh content-center justify-items-center gap-1.5 bg-paper px-6 py-12 text-center"
    >
      <h1 className="text-head">This page couldn't be loaded</h1>
      <p>
        Studio may be starting up or unreachable. Your sessions keep running without this page, and nothing in
        them is lost.
      </p>
      <div className="mt-2 flex gap-2">
        <Button look="primary" onClick={() => window.location.reload()}>
          Try again
        </Button>
        <a className={buttonClass()} href="/studio">
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
