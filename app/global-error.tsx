"use client";

import { ProblemPage } from "../components/ui/problem-page.tsx";
import "./globals.css";

export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <html lang="en" data-theme="light">
      <head>
        <title>Problem · Studio</title>
        <script src="/theme.js" />
      </head>
      <body>
        <ProblemPage error={error} retry={reset} />
      </body>
    </html>
  );
}
