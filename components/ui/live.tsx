"use client";

import type { ReactNode } from "react";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Notice } from "./notice.tsx";

/**
 * Something that lives by live queries. Where those are refused it says so.
 * @param refused what could not be loaded; @param meanwhile what that does not touch: "your keys keep working"
 */
export function Live({
  refused,
  meanwhile,
  children,
}: {
  refused: string;
  meanwhile: string;
  children: ReactNode;
}) {
  return (
    <ErrorBoundary
      fallback={
        <Notice tone="warning" title={refused}>
          <p>The live connection was refused. Reload the page to try again; {meanwhile}.</p>
        </Notice>
      }
    >
      {children}
    </ErrorBoundary>
  );
}
