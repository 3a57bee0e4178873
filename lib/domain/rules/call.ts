/** What an agent wants to do, as the units that rules judge. Pure. */
import { type ApprovalRequest, actOf } from "../approval-rules.ts";
import { BUILTIN, type Word } from "./pattern.ts";
import { readShell, type ShellCommand } from "./shell.ts";

/** A tool, as patterns name it. */
export interface ToolName {
  server: string;
  tool: string;
}

/** One thing that would happen: a command that runs, or anything that a text says whole. */
export type Unit =
  | { kind: "command"; command: ShellCommand }
  | {
      kind: "text";
      /** More than one where its name can be read in more than one way. */
      names: readonly ToolName[];
      /** Ways to write the same, such as a path with its folder and without. */
      texts: readonly string[];
      /** True where it is only known when it runs. */
      isDynamic: boolean;
      /** True where it happens without being asked for, unless a rule says otherwise. */
      isFree: boolean;
    };

export interface Call {
  units: readonly Unit[];
  /** Why no rule may allow it, as a sentence; null where one may. */
  unreadable: string | null;
}

const WORKSPACE = "/workspace";

/** A path without `.` and `..`, and without the workspace's folder where it lies in there; undefined for none. */
export function plainPath(path: string): string | undefined {
  if (path === "" || path.includes("\0")) return undefined;
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${WORKSPACE}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const whole = `/${parts.join("/")}`;
  if (whole === WORKSPACE) return ".";
  return whole.startsWith(`${WORKSPACE}/`) ? whole.slice(WORKSPACE.length + 1) : whole;
}

const isInside = (plain: string): boolean => !plain.startsWith("/");

/** Files that hold secrets: the agent asks before it reads them. */
const SECRET_FILE = /\.env(?:$|\.(?!example$))/;

function fileUnit(tool: string, path: string, more: { isDynamic?: boolean; isFree?: boolean } = {}): Unit {
  const plain = plainPath(path);
  const whole = plain === undefined || !isInside(plain) ? [] : [`${WORKSPACE}/${plain}`];
  return {
    kind: "text",
    names: [{ server: BUILTIN, tool }],
    texts: plain === undefined ? [path] : [plain, ...whole],
    isDynamic: more.isDynamic === true || plain === undefined,
    isFree: more.isFree === true,
  };
}

/** Whether a file is read without asking: within the workspace, but for what holds secrets. */
export function isFreeToRead(path: string): boolean {
  const plain = plainPath(path);
  return plain !== undefined && isInside(plain) && !SECRET_FILE.test(plain);
}

const MOVES: ReadonlySet<string> = new Set(["cd", "pushd", "popd"]);

function shellCall(text: string, folder: string | undefined): Call {
  const { commands, files, unreadable } = readShell(text);
  const isElsewhere = folder !== undefined && !isInside(plainPath(folder) ?? "/");
  // Behind a change of the folder, a path from there says nothing.
  const isMoved =
    folder !== undefined ||
    commands.some(({ forms }) => forms.some(({ words }) => MOVES.has(words[0]?.value ?? "")));
  const fileOf = ({ access, path }: { access: "read" | "write"; path: Word }): Unit => {
    const isDynamic = path.isDynamic || (isMoved && !path.value.startsWith("/"));
    return fileUnit(access === "write" ? "write_file" : "read_file", path.value, {
      isDynamic,
      isFree: access === "read" && !isDynamic && isFreeToRead(path.value),
    });
  };
  return {
    units: [...commands.map((command) => ({ kind: "command" as const, command })), ...files.map(fileOf)],
    unreadable: unreadable ?? (isElsewhere ? "It runs in a folder outside of the workspace." : null),
  };
}

/** Tools of the agent's own, as it calls them. */
const OWN: Readonly<Record<string, string>> = {
  bash: "shell",
  edit: "write_file",
  write: "write_file",
  apply_patch: "write_file",
  patch: "write_file",
  read: "read_file",
  list: "list_directory",
  glob: "glob",
  grep: "grep",
  webfetch: "fetch",
  websearch: "web_search",
  codesearch: "code_search",
  todowrite: "todowrite",
  todoread: "todoread",
  skill: "skill",
  task: "task",
  question: "question",
  lsp: "lsp",
  external_directory: "folder",
};

/**
 * Ways to read the name that an agent calls a tool by: its own, or `server_tool` of a server (OpenCode 1.18.33), in
 * which either part may have underscores.
 */
export function toolNames(tool: string): ToolName[] {
  const own = Object.hasOwn(OWN, tool) ? OWN[tool] : undefined;
  if (own !== undefined) return [{ server: BUILTIN, tool: own }];
  // As Studio itself names the tool of a server that the session has.
  const [server = "", its = "", ...more] = tool.split(":");
  if (
    more.length === 0 &&
    /^[a-z][a-z0-9-]*$/.test(server) &&
    /^[\w./-]{1,128}$/.test(its) &&
    server !== BUILTIN
  )
    return [{ server, tool: its }];
  if (!/^[\w.-]{1,128}$/.test(tool)) return [];
  const names: ToolName[] = [];
  for (let at = tool.indexOf("_"); at !== -1 && names.length < 8; at = tool.indexOf("_", at + 1))
    if (at > 0 && at < tool.length - 1) names.push({ server: tool.slice(0, at), tool: tool.slice(at + 1) });
  return names.length > 0 ? names : [{ server: BUILTIN, tool }];
}

/** A value as JSON whose fields stand in the order of their names, so that one request has one text. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The kinds of change that a patch makes to its files, by their paths. */
function removedBy(request: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const files = Array.isArray(request.files) ? request.files : [];
  return new Set(
    files.flatMap((file: unknown) => {
      const { type, filePath } = (file ?? {}) as { type?: unknown; filePath?: unknown };
      return (type === "delete" || type === "move") && typeof filePath === "string" ? [filePath] : [];
    }),
  );
}

/** An address as programs read it; undefined for none. */
function plainUrl(url: string): string | undefined {
  try {
    return new URL(url).href;
  } catch {
    return undefined;
  }
}

const unread = (why: string): Call => ({ units: [], unreadable: why });

/** What a question of the agent's asks leave for. */
export function callOf(asked: ApprovalRequest): Call {
  const act = actOf(asked);
  switch (act.act) {
    case "run": {
      if (act.command === undefined) return unread("It doesn't say which command.");
      const { cwd, workdir } = asked.request;
      return shellCall(act.command, text(workdir) ?? text(cwd));
    }
    case "change": {
      const removed = removedBy(asked.request);
      const isDelete = asked.kind === "delete" || asked.kind === "move";
      const named = Array.isArray(asked.request.files)
        ? asked.request.files.flatMap(
            (file: unknown) => text((file as { filePath?: unknown } | null)?.filePath) ?? [],
          )
        : [];
      const paths = [...new Set([...act.paths, ...named])];
      if (paths.length === 0) return unread("It doesn't say which file.");
      const tools = (path: string) =>
        isDelete || removed.has(path) ? ["delete_file", "write_file"] : ["write_file"];
      return {
        units: paths.flatMap((path) => tools(path).map((tool) => fileUnit(tool, path))),
        unreadable: null,
      };
    }
    case "read":
      return { units: [fileUnit("read_file", act.path)], unreadable: null };
    case "reach":
      return { units: act.folders.map((folder) => fileUnit("folder", folder)), unreadable: null };
    case "fetch":
    case "use": {
      const url = act.act === "fetch" ? act.url : undefined;
      const names = act.act === "fetch" ? [{ server: BUILTIN, tool: "fetch" }] : toolNames(asked.tool);
      if (names.length === 0) return unread("Its tool has no name that a rule could have.");
      const said = url === undefined ? canonical(asked.request) : plainUrl(url);
      if (said === undefined) return unread("It isn't an address that can be read in only one way.");
      return {
        units: [{ kind: "text", names, texts: [said], isDynamic: false, isFree: false }],
        unreadable: null,
      };
    }
  }
}
