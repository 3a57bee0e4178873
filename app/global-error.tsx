"use client";

import { useEffect } from "react";
import { ProblemPage } from "#components/ui/problem-page.tsx";
import { showTheme } from "#client/theme.ts";
import "./globals.css";

/** Stands in for the root layout where that itself failed. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  // The script that does it before the first paint needs the nonce of an answer, which this page has none of.
  useEffect(showTheme, []);
  return (
    <html lang="en" data-theme="light" suppressHydrationWarning>
      <head>
        <title>Something went wrong · Studio</title>
      </head>
      <body>
        <ProblemPage error={error} />
      </body>
    </html>
  );
}
