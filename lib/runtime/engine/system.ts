import fs from "node:fs";
import { paginationOptsValidator, queryGeneric } from "convex/server";
import { v, type Value } from "convex/values";
import { listStates, readState, type ImportState } from "../imports/states.ts";
import { splitName } from "./component-path.ts";
import type { Modules } from "./functions.ts";

const SYSTEM = "_system/";

/** What the platform's own functions tell of. */
export interface SystemParts {
  /** The names of a component's own tables. */
  tables: (component: string) => string[];
  /** The functions of a component, by `module.js:name`. */
  functions: (component: string) => { identifier: string; kind: string; isPublic: boolean }[];
  environment: Readonly<Record<string, string>>;
  /** Where snapshots are, each named by its time in nanoseconds; null if there are none to come. */
  exports: string | null;
  /** Where the states of imports are; null if there are none to come. */
  imports: string | null;
}

/** The queries that `npx convex` makes, in every component (convex 1.48.0, src/cli). */
export function systemModules(parts: SystemParts, component: string): Modules {
  const { environment } = parts;
  // What they look at is no document; a result that looked at the clock is not kept.
  const told = (value: () => Value) =>
    queryGeneric(() => {
      Date.now();
      return value();
    });
  const set = Object.entries(environment).filter(([name]) => !/^CONVEX_(CLOUD|SITE)_URL$/.test(name));
  const variables = set.map(([name, value]) => ({ name, value }));
  return {
    "_system/cli/tables": {
      default: told(() => ({
        page: parts.tables(component).map((name) => ({ name })),
        isDone: true,
        continueCursor: "",
      })),
    },
    "_system/cli/tableData": {
      default: queryGeneric({
        args: {
          table: v.string(),
          order: v.union(v.literal("asc"), v.literal("desc")),
          paginationOpts: paginationOptsValidator,
        },
        handler: (ctx, { table, order, paginationOpts }) => {
          const isSystem = table === "_storage" || table === "_scheduled_functions";
          const query = isSystem ? ctx.db.system.query(table) : ctx.db.query(table);
          return query.order(order).paginate(paginationOpts);
        },
      }),
    },
    "_system/cli/queryEnvironmentVariables": {
      default: told(() => variables),
      get: queryGeneric({
        args: { name: v.string() },
        handler: (_ctx, { name }) => {
          Date.now();
          return variables.find((variable) => variable.name === name) ?? null;
        },
      }),
    },
    "_system/cli/modules": {
      apiSpec: told(() =>
        parts.functions(component).map(({ identifier, kind, isPublic }) => ({
          identifier,
          functionType: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
          visibility: { kind: isPublic ? "public" : "internal" },
        })),
      ),
    },
    "_system/cli/convexUrl": {
      cloudUrl: told(() => environment["CONVEX_CLOUD_URL"] ?? null),
      siteUrl: told(() => environment["CONVEX_SITE_URL"] ?? null),
    },
    "_system/cli/queryImport": {
      default: queryGeneric({
        args: { importId: v.string() },
        handler: (_ctx, { importId }) => {
          Date.now();
          const state = parts.imports === null ? null : readState(parts.imports, importId);
          return state && { state: shownState(state) };
        },
      }),
      list: told(() =>
        (parts.imports === null ? [] : listStates(parts.imports)).map((state) => ({
          state: shownState(state),
        })),
      ),
    },
    "_system/cli/exports": { getLatest: told(() => latestExport(parts.exports)) },
  };
}

/** @param path full */
export function isSystemFunction(path: string): boolean {
  return splitName(path).name.startsWith(SYSTEM);
}

/** The platform counts in integers of 64 bits. */
function shownState(state: ImportState): Record<string, Value> {
  return state.state === "completed" ? { ...state, num_rows_written: BigInt(state.num_rows_written) } : state;
}

function latestExport(folder: string | null) {
  if (folder === null || !fs.existsSync(folder)) return null;
  const times = fs.readdirSync(folder).flatMap((file) => {
    const [, time] = /^(\d+)\.zip$/.exec(file) ?? [];
    return time === undefined ? [] : [BigInt(time)];
  });
  const [newest] = times.toSorted((a, b) => Number(b - a));
  if (newest === undefined) return null;
  return { state: "completed", start_ts: newest, complete_ts: newest, zip_object_key: `${newest}.zip` };
}
