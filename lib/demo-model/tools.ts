import type { OfferedTool } from "./conversation.ts";
import type { Act } from "./script.ts";

/** A call of a tool by the name and with the argument names that the agent offered. */
export interface ToolCall {
  name: string;
  args: Record<string, unknown>;
}

type Role =
  | "path"
  | "content"
  | "before"
  | "after"
  | "command"
  | "description"
  | "pattern"
  | "prompt"
  | "subagent"
  | "todos"
  | "questions";
export type ToolAct = Extract<
  Act,
  { kind: "read" | "list" | "write" | "edit" | "run" | "task" | "todo" | "ask" | "call" }
>;
type Values = Partial<Record<Role, unknown>>;

/** Tool names and argument names are compared without case, "_" and "-". */
const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, "");

const ARGUMENT_NAMES: Record<Role, string[]> = {
  path: ["filepath", "path", "filename", "file", "dir", "directory"],
  content: ["content", "contents", "text", "filetext"],
  before: ["oldstring", "oldstr", "oldtext"],
  after: ["newstring", "newstr", "newtext"],
  command: ["command", "cmd"],
  description: ["description"],
  pattern: ["pattern", "glob"],
  prompt: ["prompt", "task", "instructions"],
  subagent: ["subagenttype", "agent", "subagent"],
  todos: ["todos", "plan", "items"],
  questions: ["questions"],
};

const NAMES: Record<Exclude<ToolAct["kind"], "call"> | "glob", string[]> = {
  read: ["read", "readfile", "view", "viewfile"],
  write: ["write", "writefile", "createfile"],
  edit: ["edit", "editfile", "strreplace", "replace"],
  run: ["bash", "shell", "runcommand", "run", "execute", "exec", "terminal"],
  list: ["list", "ls", "listfiles", "listdirectory", "listdir"],
  glob: ["glob", "findfiles"],
  task: ["task", "agent", "subagent"],
  todo: ["todowrite", "writetodos", "updateplan", "todo"],
  ask: ["question", "askuser", "ask"],
};

/** The arguments for a tool, or undefined when it lacks one of `needed` or requires one that is not known. */
function fill(tool: OfferedTool, values: Values, needed: Role[]): Record<string, unknown> | undefined {
  const args: Record<string, unknown> = {};
  const filled = new Set<Role>();
  for (const role of Object.keys(ARGUMENT_NAMES) as Role[]) {
    const value = values[role];
    if (value === undefined) continue;
    const names = ARGUMENT_NAMES[role];
    const property = names.map((name) => tool.properties.find((p) => plain(p) === name)).find((p) => p);
    if (property === undefined) continue;
    args[property] = value;
    filled.add(role);
  }
  const complete = needed.every((role) => filled.has(role)) && tool.required.every((name) => name in args);
  return complete ? args : undefined;
}

/** The first tool that fits: by its name first, then, when `bySchema`, any that takes all needed arguments. */
function find(
  tools: OfferedTool[],
  names: string[],
  values: Values,
  needed: Role[],
  bySchema = true,
): ToolCall | undefined {
  const named = names.flatMap((name) => tools.filter((tool) => plain(tool.name) === name));
  for (const tool of bySchema ? [...named, ...tools] : named) {
    const args = fill(tool, values, needed);
    if (args) return { name: tool.name, args };
  }
  return undefined;
}

function runCommand(tools: OfferedTool[], command: string, description: string): ToolCall | undefined {
  return find(tools, NAMES.run, { command, description }, ["command"]);
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** True for the acts that need a tool of the agent. */
export function isToolAct(act: Act): act is ToolAct {
  return ["read", "list", "write", "edit", "run", "task", "todo", "ask", "call"].includes(act.kind);
}

/**
 * The call that carries out an act with the tools that the agent offered, or undefined when none fits.
 * Listing falls back from a list tool to a glob, and then to `ls` in a shell.
 */
export function toolCallFor(act: ToolAct, tools: OfferedTool[]): ToolCall | undefined {
  switch (act.kind) {
    case "read":
      return find(tools, NAMES.read, { path: act.path }, ["path"], false);
    case "write":
      return find(tools, NAMES.write, { path: act.path, content: act.content }, ["path", "content"]);
    case "edit":
      return find(tools, NAMES.edit, { path: act.path, before: act.before, after: act.after }, [
        "path",
        "before",
        "after",
      ]);
    case "run":
      return runCommand(tools, act.command, `Run ${act.command.split("\n")[0]?.slice(0, 60) ?? ""}`);
    case "task": {
      const description = act.text.split(/\s+/).slice(0, 5).join(" ");
      return find(
        tools,
        NAMES.task,
        { description, prompt: act.text, subagent: "general" },
        ["prompt"],
        false,
      );
    }
    case "call":
      // Of an MCP server, by the name that the agent has for it: a server's tool that it does not have is not called.
      return tools.some(({ name }) => name === act.tool) ? { name: act.tool, args: act.args } : undefined;
    case "todo": {
      const todos = act.items.map((content, index) => ({
        content,
        status: index === 0 ? "in_progress" : "pending",
        priority: "medium",
      }));
      return find(tools, NAMES.todo, { todos }, ["todos"], false);
    }
    case "ask": {
      const options = act.options.map((label) => ({ label, description: `I go on with ${label}.` }));
      const questions = [{ question: act.question, header: act.question.slice(0, 30), options }];
      return find(tools, NAMES.ask, { questions }, ["questions"], false);
    }
    case "list": {
      const where: Values = act.path === undefined ? {} : { path: act.path };
      return (
        find(tools, NAMES.list, where, [], false) ??
        find(tools, NAMES.glob, { ...where, pattern: "**/*" }, ["pattern"], false) ??
        runCommand(tools, act.path === undefined ? "ls -la" : `ls -la ${shellQuoted(act.path)}`, "List files")
      );
    }
    default:
      return act satisfies never;
  }
}
