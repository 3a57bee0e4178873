import path from "node:path";

/**
 * What `npx convex codegen` sends of an app and its components (convex 1.48.0, src/cli/lib/deployApi/startPush.ts), as far
 * as it is read here.
 */
export interface Pushed {
  app: PushedPart;
  components: PushedPart[];
}

/** The app, or the definition of a component. */
export interface PushedPart {
  /** Where its definition is from the app's; "" for the app itself. */
  path: string;
  /** Its bundled `convex.config`; null for an app without one. */
  definition: PushedModule | null;
  /** The paths of the components that it uses. */
  dependencies: string[];
  schema: PushedModule | null;
  /** Its modules, and the parts of them that they share. */
  modules: PushedModule[];
}

export interface PushedModule {
  /** Relative, below the folder of what it is a part of. */
  path: string;
  source: string;
}

/** What was sent is no push. */
export class PushError extends Error {
  override name = "PushError";
}

type Json = Record<string, unknown>;

/** @throws PushError that names what is wrong */
export function pushedOf(body: Json): Pushed {
  const app = objectAt(body, "appDefinition");
  const components = listAt(body, "componentDefinitions").map((one) => {
    const component = asObject(one, "componentDefinitions");
    return partOf(component, textAt(component, "definitionPath"), "functions");
  });
  return { app: partOf(app, "", "changedModules"), components };
}

function partOf(given: Json, at: string, modules: string): PushedPart {
  return {
    path: at,
    definition: moduleAt(given, "definition"),
    dependencies: listAt(given, "dependencies").map((one) => {
      if (typeof one !== "string") throw new PushError("dependencies must be a list of paths.");
      return one;
    }),
    schema: moduleAt(given, "schema"),
    modules: listAt(given, modules).map((one) => moduleOf(asObject(one, modules))),
  };
}

function moduleAt(given: Json, name: string): PushedModule | null {
  const value = given[name] ?? null;
  return value === null ? null : moduleOf(asObject(value, name));
}

function moduleOf(given: Json): PushedModule {
  const file = textAt(given, "path");
  const isWithin = path.posix.normalize(file) === file && !/^(\.\.)?\//.test(file) && !file.startsWith("../");
  if (!isWithin || file.includes("\0") || file === "." || file === "")
    throw new PushError(`"${file.slice(0, 200)}" is no path of a module.`);
  return { path: file, source: textAt(given, "source") };
}

function asObject(value: unknown, name: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PushError(`${name} must be an object.`);
  return value as Json;
}
const objectAt = (given: Json, name: string): Json => asObject(given[name], name);

function listAt(given: Json, name: string): unknown[] {
  const value = given[name];
  if (!Array.isArray(value)) throw new PushError(`${name} must be a list.`);
  return value;
}

function textAt(given: Json, name: string): string {
  const value = given[name];
  if (typeof value !== "string") throw new PushError(`${name} must be a text.`);
  return value;
}
