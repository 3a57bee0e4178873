import { access } from "./problems/access.ts";
import { agents } from "./problems/agents.ts";
import { billing } from "./problems/billing.ts";
import { rules } from "./problems/rules.ts";
import { files } from "./problems/files.ts";
import { gateway } from "./problems/gateway.ts";
import { git } from "./problems/git.ts";
import type { Kind, Params } from "./problems/kind.ts";
import { mcp } from "./problems/mcp.ts";
import { project } from "./problems/project.ts";
import { registries } from "./problems/registries.ts";
import { requests } from "./problems/requests.ts";
import { sessions } from "./problems/sessions.ts";
import { settings } from "./problems/settings.ts";
import { setup } from "./problems/setup.ts";
import { skills } from "./problems/skills.ts";
import { variables } from "./problems/variables.ts";

/**
 * Every refusal that Studio has a sentence for: its public code (many kinds share one), the values that the sentence
 * needs, and the sentence: what happened, and what to do.
 */
export const PROBLEM_KINDS = {
  ...access,
  ...agents,
  ...billing,
  ...rules,
  ...requests,
  ...sessions,
  ...files,
  ...settings,
  ...variables,
  ...setup,
  ...skills,
  ...gateway,
  ...git,
  ...mcp,
  ...registries,
  ...project,
};
export type ProblemKind = keyof typeof PROBLEM_KINDS;

export type CodeOf<K extends ProblemKind> = (typeof PROBLEM_KINDS)[K]["code"];
type ParamsOf<K extends ProblemKind> = (typeof PROBLEM_KINDS)[K] extends Kind<string, infer P> ? P : never;
/** What a kind is made with: its values, or nothing. */
export type Given<K extends ProblemKind> = ParamsOf<K> extends Params ? [params: ParamsOf<K>] : [];

/** A refusal: the code is stable, the sentence may change. */
export interface ProblemFor<K extends ProblemKind> {
  code: CodeOf<K>;
  kind: K;
  params: Params;
  message: string;
}

/** A refusal of a kind, with its sentence. */
export function problemFor<K extends ProblemKind>(kind: K, ...given: Given<K>): ProblemFor<K> {
  const { code, sentence } = PROBLEM_KINDS[kind] as {
    code: CodeOf<K>;
    sentence: string | ((params: Params) => string);
  };
  const params: Params = given[0] ?? {};
  return { code, kind, params, message: typeof sentence === "string" ? sentence : sentence(params) };
}
