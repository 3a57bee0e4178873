import type { ProjectSource } from "#domain/project/kinds.ts";

const SOURCES: Record<ProjectSource, string> = {
  page: "on the page",
  cli: "with struere",
  api: "by the API",
  session: "from a session",
  start: "at the start",
};

/** Where a change came from, in words. */
export const sourceText = (source: ProjectSource): string => SOURCES[source];

/** Who made a change; null for what was there before changes were kept. */
export const authorText = (name: string | null): string =>
  name === null ? "Studio" : name === "" ? "Someone who left" : name;
