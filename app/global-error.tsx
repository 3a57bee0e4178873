"use client";

import { ProblemPage } from "../components/ui/problem-page.tsx";
import "./globals.css";

/** Stands in for the root layout where that itself failed. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" data-theme="light" suppressHydrationWarning>
      <head>
        <title>Problem · Studio</title>
        <script src="/theme.js" />
      </head>
      <body>
        <ProblemPage error={error} />
      </body>
    </html>
  );
}
