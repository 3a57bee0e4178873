import { DEFINITION_KINDS } from "../definitions.ts";

/** How a project's definition files are checked, by `tsc` and by editors: in a workspace, and where people keep them. */
export const PROJECT_TSCONFIG = {
  compilerOptions: {
    target: "es2023",
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    // As they are read: by their files' names, and JSON, too.
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    types: [] as string[],
    paths: { struere: ["./.struere/struere.d.ts"] },
  },
  include: [...DEFINITION_KINDS.map(({ folder }) => folder), ".struere/*.d.ts"],
};
