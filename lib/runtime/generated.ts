import fs from "node:fs";
import path from "node:path";
import type { Plugin } from "esbuild";

const NAMESPACE = "generated";
const KINDS = ["query", "Query", "mutation", "Mutation", "action", "Action"];
const SOURCES: Record<string, string> = {
  api: 'import { anyApi, componentsGeneric } from "convex/server";\nexport const api = anyApi, internal = anyApi, components = componentsGeneric();',
  server: [
    ...KINDS.map((kind) => (/^[A-Z]/.test(kind) ? `internal${kind}` : kind)).map(
      (name) => `export { ${name}Generic as ${name} } from "convex/server";`,
    ),
    'export { httpActionGeneric as httpAction } from "convex/server";',
    "export const env = process.env;",
  ].join("\n"),
};

/**
 * Stands in for `_generated/api` and `_generated/server` where an app has none yet, as after a clone of one that does not
 * keep them: what they do is the same for every app, and `npx convex codegen` needs the app to run.
 */
export const generatedPlugin: Plugin = {
  name: "generated",
  setup(builder) {
    const { absWorkingDir } = builder.initialOptions;
    builder.onResolve(
      { filter: /(^|\/)_generated\/(api|server)(\.[jt]s)?$/ },
      ({ path: wanted, resolveDir }) => {
        const bare = path.resolve(resolveDir, wanted).replace(/\.[jt]s$/, "");
        if (!wanted.startsWith(".") || [".ts", ".js"].some((end) => fs.existsSync(`${bare}${end}`)))
          return undefined;
        return { path: path.basename(bare), namespace: NAMESPACE };
      },
    );
    builder.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: name }) => ({
      contents: SOURCES[name] ?? "",
      ...(absWorkingDir !== undefined && { resolveDir: absWorkingDir }),
    }));
  },
};

/** Whether bundling went into such a stand-in. @param input as esbuild calls it */
export const isStandIn = (input: string): boolean => input.startsWith(`${NAMESPACE}:`);
