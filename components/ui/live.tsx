"use client";

import type { ReactNode } from "react";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Notice } from "./notice.tsx";

/**
 * Something that lives by live queries. Where those are refused it says so.
 * @param refused what could not be loaded
 * @param meanwhile what that does not touch: "your keys keep working"
 * @param head stands above that
 */
export function Live({
  refused,
  meanwhile,
  head,
  children,
}: {
  refused: string;
  meanwhile: string;
  head?: ReactNode;
  children: ReactNode;
}) {
  return (
    <ErrorBoundary
      fallback={
        <>
          {head}
          <Notice tone="warning" title={refused}>
            <p>The live connection was refused. Reload the page to try again; {meanwhile}.</p>
          </Notice>
        </>
      }
    >
      {children}
    </ErrorBoundary>
  );
}
