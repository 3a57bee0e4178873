/** Tools that an agent uses without asking, unless a rule holds them back. Pure. */
import { type ApprovalRequest, actOf } from "../approval-rules.ts";
import { callOf, isFreeToRead, toolNames } from "./call.ts";
import { BUILTIN, isForTool, patternFault, patternOf } from "./pattern.ts";
import type { Rule } from "./rule.ts";

/** By the name that rules have for it: the agent's own (OpenCode's permissions, 1.18.33). */
const FREE_TOOLS: Readonly<Record<string, string>> = {
  read_file: "read",
  list_directory: "list",
  glob: "glob",
  grep: "grep",
  fetch: "webfetch",
  web_search: "websearch",
  skill: "skill",
  task: "task",
  todowrite: "todowrite",
};

/** Whether a question only comes since a rule might hold its tool back; of reading, the file decides. */
export function isFreeCall(asked: ApprovalRequest): boolean {
  const act = actOf(asked);
  if (act.act === "read") return isFreeToRead(act.path);
  if (act.act === "fetch" ? act.url === undefined || callOf(asked).unreadable !== null : act.act !== "use")
    return false;
  const names = toolNames(asked.tool);
  return (
    names.length > 0 &&
    names.every(
      ({ server, tool }) => server === BUILTIN && tool !== "read_file" && Object.hasOwn(FREE_TOOLS, tool),
    )
  );
}

/**
 * The agent's names of its free tools that have to ask, since a rule may hold them back: each call is then judged as any
 * other, and what no rule covers goes on as before.
 * @param rules those that count in the session
 */
export function heldTools(rules: readonly Pick<Rule, "pattern" | "action" | "enabled">[]): string[] {
  const holding = rules
    .filter(({ action, enabled, pattern }) => enabled && action !== "auto_approve" && !patternFault(pattern))
    .map(({ pattern }) => patternOf(pattern));
  return Object.entries(FREE_TOOLS)
    .filter(([tool]) => holding.some((pattern) => isForTool(pattern, { server: BUILTIN, tool })))
    .map(([, own]) => own);
}
