import type { WorkspaceFault } from "./workspace.ts";

/** A problem as compilers write it. */
export const faultText = ({ file, line, column, path, message }: WorkspaceFault): string =>
  `${file}${line === undefined ? "" : `:${line}:${column ?? 1}`}: ${path ? `${path}: ` : ""}${message}`;
