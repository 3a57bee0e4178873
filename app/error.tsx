"use client";

import { ProblemPage } from "../components/ui/problem-page.tsx";

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <ProblemPage error={error} retry={reset} />;
}
