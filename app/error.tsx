"use client";

import { ProblemPage } from "#components/ui/problem-page.tsx";

export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return <ProblemPage error={error} />;
}
