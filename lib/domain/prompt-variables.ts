/** What an agent's instructions can name in double braces, and what stands in its place. Pure. */

export interface PromptVariable {
  name: string;
  /** For people. */
  about: string;
}

/** What the instructions of an organization's agents can name. */
export const AGENT_VARIABLES = [
  { name: "organizationName", about: "What the organization is called" },
  { name: "organizationId", about: "The organization's id" },
  { name: "agentName", about: "What the agent is called" },
  { name: "environment", about: "The session's environment: development or production" },
  { name: "provider", about: "The session's provider" },
  { name: "model", about: "The session's model" },
  { name: "currentTime", about: "When the session began: ISO 8601, in UTC" },
  { name: "currentDate", about: "The day on which the session began, in UTC" },
] as const satisfies readonly PromptVariable[];
export type AgentVariable = (typeof AGENT_VARIABLES)[number]["name"];

/** A name in braces, with white space around it or none. */
const NAMED = /\{\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\}\}/g;
/** A tool that a project's own runtime would run while it fills the prompt in. */
const CALLED = /\{\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\(/g;

/** The names in a prompt, each once, in the order in which they come. */
export function namesIn(prompt: string): string[] {
  return [...new Set([...prompt.matchAll(NAMED)].map(([, name = ""]) => name))];
}

/** The names of tools that a prompt calls, each once. */
export function callsIn(prompt: string): string[] {
  return [...new Set([...prompt.matchAll(CALLED)].map(([, name = ""]) => name))];
}

/** The names in a prompt that stand for nothing. */
export function unknownNames(prompt: string, known: readonly PromptVariable[]): string[] {
  const names = new Set(known.map(({ name }) => name));
  return namesIn(prompt).filter((name) => !names.has(name));
}

/** A prompt with its names filled in, once: what a value says is never read as a name. One that is unknown stays as it is. */
export function filledPrompt(prompt: string, values: Readonly<Record<string, string>>): string {
  return prompt.replace(NAMED, (whole: string, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

/** What an agent's variables stand for in a session. @param startedAt epoch milliseconds */
export function agentValues({
  startedAt,
  ...values
}: Record<Exclude<AgentVariable, "currentTime" | "currentDate">, string> & {
  startedAt: number;
}): Record<AgentVariable, string> {
  const currentTime = new Date(startedAt).toISOString();
  return { ...values, currentTime, currentDate: currentTime.slice(0, 10) };
}
