/** The kinds of what an agent asks leave for, by which an organization says who may approve it. Pure. */
import { ACT_KINDS, type ActKind } from "../act-kinds.ts";
import { type ApprovalRequest, actOf } from "../approval-rules.ts";
import { callOf, toolNames, type Unit } from "./call.ts";
import { decide, prepare } from "./decide.ts";
import { BUILTIN } from "./pattern.ts";
import type { Rule } from "./rule.ts";
import { baseOf } from "./wrappers.ts";

/** Programs whose purpose is to reach another machine. */
const NETWORK_PROGRAMS = [
  "curl",
  "wget",
  "ssh",
  "scp",
  "sftp",
  "rsync",
  "nc",
  "ncat",
  "netcat",
  "socat",
  "telnet",
  "ftp",
] as const;

/** A rule that holds back the commands of a kind: what it covers, or may cover, is of that kind. */
const holding = (kind: ActKind, commands: readonly string[]) =>
  prepare(
    commands.map((command, index): Rule => ({
      id: `${kind}:${index}`,
      name: command,
      pattern: `builtin:shell:${command}`,
      action: "auto_deny",
      scope: "organization",
      priority: 0,
      enabled: true,
      createdAt: index,
      isAdmins: true,
    })),
  );

const OF_COMMANDS = {
  push: holding("push", ["git push *", "git * push *", "git send-pack *", "git * send-pack *"]),
  network: holding(
    "network",
    NETWORK_PROGRAMS.map((program) => `${program} *`),
  ),
} as const;

/** Subcommands of git's own that push nothing; any other name may be an alias of one that does. */
const GIT_LOCAL: ReadonlySet<string> = new Set(
  `add am annotate apply archive bisect blame branch bundle cat-file check-ignore checkout cherry cherry-pick clean
   clone commit config count-objects describe diff diff-files diff-index diff-tree fetch for-each-ref format-patch fsck
   gc grep hash-object help init log ls-files ls-remote ls-tree merge merge-base mv name-rev notes pull range-diff
   rebase reflog remote reset restore rev-list rev-parse revert rm shortlog show show-ref sparse-checkout stash status
   submodule switch symbolic-ref tag update-index update-ref var version whatchanged worktree write-tree`.split(
    /\s+/,
  ),
);
/** Options of git's before its subcommand whose value is the next word. */
const GIT_VALUES: ReadonlySet<string> = new Set(["-C", "-c", "--git-dir", "--work-tree", "--namespace"]);

/** Whether a command is git with a subcommand that may be an alias. */
function isOddGit(unit: Unit): boolean {
  if (unit.kind !== "command") return false;
  return unit.command.forms.some(({ words, nameAt }) => {
    if (baseOf(words[nameAt]?.value ?? "") !== "git") return false;
    for (let at = nameAt + 1; at < words.length; at += 1) {
      const { value, isDynamic } = words[at]!;
      if (!isDynamic && GIT_VALUES.has(value)) at += 1;
      else if (isDynamic || !value.startsWith("-")) return isDynamic || !GIT_LOCAL.has(value);
    }
    return false;
  });
}

const NETWORK_TOOLS: ReadonlySet<string> = new Set(["fetch", "web_search", "code_search"]);

const writes = (unit: Unit): boolean =>
  unit.kind === "text" && unit.names.some(({ tool }) => tool === "write_file" || tool === "delete_file");

/**
 * What kinds of act a request is, at least one. A command that can't be read for certain counts as whatever it may be:
 * who approves it has to be allowed to approve that.
 */
export function kindsOf(asked: ApprovalRequest): ActKind[] {
  switch (actOf(asked).act) {
    case "change":
      return ["write"];
    case "read":
    case "reach":
      return ["read"];
    case "fetch":
      return ["network"];
    case "use": {
      const names = toolNames(asked.tool);
      // A tool without a readable name may be anybody's.
      if (names.length === 0 || names.some(({ server }) => server !== BUILTIN)) return ["mcp"];
      return names.some(({ tool }) => NETWORK_TOOLS.has(tool)) ? ["network"] : ["run"];
    }
    case "run": {
      const call = callOf(asked);
      const isUnread = call.unreadable !== null;
      const found = new Set<ActKind>(["run"]);
      if (isUnread || call.units.some(writes)) found.add("write");
      for (const kind of ["push", "network"] as const)
        if (isUnread || decide(OF_COMMANDS[kind], call).isHeld) found.add(kind);
      if (call.units.some(isOddGit)) found.add("push");
      return ACT_KINDS.filter((kind) => found.has(kind));
    }
  }
}
