"use client";

import type { ReactNode } from "react";
import type { Resource } from "#client/resource.ts";
import { ProblemNotice } from "./problem-notice.tsx";

/** Says that something is being read, once that has lasted a moment. */
export function Loading({ children, className = "" }: { children: string; className?: string }) {
  return <p className={`bones text-small text-ink-3 ${className}`}>{children}</p>;
}

/** Why a read failed, and the way to try it again; nothing where it did not. */
export function ReadProblem({
  of,
  title,
}: {
  of: Pick<Resource<unknown>, "problem" | "retry">;
  title: string;
}) {
  if (!of.problem) return null;
  return <ProblemNotice title={title} error={of.problem} retry={of.retry} />;
}

/**
 * What was read, once it is there: until then that it is being read, or why it could not be.
 * @param failed what a failed read is called: "Couldn't load usage"
 */
export function Loaded<T>({
  resource,
  loading,
  failed,
  children,
}: {
  resource: Resource<T>;
  loading: ReactNode;
  failed: string;
  children: (data: T) => ReactNode;
}) {
  const { data, problem } = resource;
  return (
    <>
      {problem && <ReadProblem of={resource} title={failed} />}
      {data === undefined ? !problem && loading : children(data)}
    </>
  );
}
