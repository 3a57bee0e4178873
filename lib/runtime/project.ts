import fs from "node:fs";
import path from "node:path";

/** The app's folder cannot be bundled or loaded; the message is one sentence for its developer. */
export class AppError extends Error {
  override name = "AppError";
  /** The absolute paths of the files that stand in the way, as far as they are known. */
  readonly files: readonly string[];

  constructor(
    message: string,
    { files = [], ...options }: ErrorOptions & { files?: readonly string[] } = {},
  ) {
    super(message, options);
    this.files = files;
  }
}

/** An app's folder of functions, and what its `convex.json` says. */
export interface Project {
  /** The folder of the functions. */
  dir: string;
  /** The folder that they are named from: where `convex.json` would be. */
  root: string;
  /** The `convex.json`, or null. */
  config: string | null;
  /** Packages that are not bundled into "use node" modules; "*" stands for all. */
  externalPackages: readonly string[];
}

const CONFIG = "convex.json";

interface Settings {
  functions: string;
  externalPackages: string[];
}

function read(file: string): Settings {
  let json: unknown;
  try {
    json = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(`${file} cannot be read: ${reason}`, { cause: error });
  }
  const { functions = "convex/", node = {} } = json as {
    functions?: unknown;
    node?: { externalPackages?: unknown };
  };
  const packages = node.externalPackages ?? [];
  if (typeof functions !== "string") throw new AppError(`${file}: functions must be the path of a folder.`);
  if (!Array.isArray(packages) || !packages.every((name) => typeof name === "string"))
    throw new AppError(`${file}: node.externalPackages must be a list of names.`);
  return { functions, externalPackages: packages };
}

const isFolder = (folder: string): boolean =>
  fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * The project of a folder: a project's own folder, with a `convex.json` or with a `package.json` and the usual `convex/`,
 * or the folder of its functions.
 * @throws AppError for a `convex.json` that cannot be used
 */
export function projectOf(folder: string): Project {
  const own = path.join(folder, CONFIG);
  if (fs.existsSync(own)) {
    const { functions, externalPackages } = read(own);
    return { dir: path.resolve(folder, functions), root: folder, config: own, externalPackages };
  }
  const usual = path.join(folder, "convex");
  if (fs.existsSync(path.join(folder, "package.json")) && isFolder(usual))
    return { dir: usual, root: folder, config: null, externalPackages: [] };
  for (let above = path.dirname(folder); ; above = path.dirname(above)) {
    const config = path.join(above, CONFIG);
    if (fs.existsSync(config)) {
      const { functions, externalPackages } = read(config);
      // Another project's that happens to lie above says nothing about this folder.
      if (path.resolve(above, functions) === path.resolve(folder))
        return { dir: folder, root: above, config, externalPackages };
    }
    if (above === path.dirname(above)) break;
  }
  return { dir: folder, root: path.dirname(folder), config: null, externalPackages: [] };
}
