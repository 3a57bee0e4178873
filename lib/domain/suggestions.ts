/** A definition of the project, by name. */
export interface DefinitionName {
  kind: "agent" | "entityType" | "role" | "trigger";
  slug: string;
  name: string;
}

/** Something to ask the agent: what it is about, and the words of the message. */
export interface Suggestion {
  kind: DefinitionName["kind"];
  title: string;
  file: string;
  text: string;
}

const MAX = 4;

function suggest({ kind, slug, name }: DefinitionName): Suggestion {
  switch (kind) {
    case "agent": {
      const file = `agents/${slug}.ts`;
      return {
        kind,
        file,
        title: `Review the ${name}'s permissions`,
        text: `Read ${file}. Briefly say what this agent can do with its tools, and propose one change that makes it safer.`,
      };
    }
    case "entityType": {
      const file = `entity-types/${slug}.ts`;
      return {
        kind,
        file,
        title: `Add a field to ${name}`,
        text: `Add a field to the entity type in ${file}: `,
      };
    }
    case "role": {
      const file = `roles/${slug}.ts`;
      return {
        kind,
        file,
        title: `Review the ${name} role`,
        text: `Read ${file} and the entity types it names. Say who can read and change what, and what looks too broad.`,
      };
    }
    case "trigger": {
      const file = `triggers/${slug}.ts`;
      return {
        kind,
        file,
        title: `Trace the “${name}” trigger`,
        text: `Read ${file}. Explain step by step what happens when it runs, and what could go wrong.`,
      };
    }
  }
}

/** Up to four things to ask, one of each kind first, out of what the project has. */
export function suggestionsFor(names: readonly DefinitionName[]): Suggestion[] {
  const kinds = ["agent", "entityType", "role", "trigger"] as const;
  const byKind = kinds.map((kind) => names.filter((name) => name.kind === kind));
  const most = Math.max(0, ...byKind.map((all) => all.length));
  const inTurn = Array.from({ length: most }, (_, round) => byKind.flatMap((all) => all[round] ?? [])).flat();
  return inTurn.slice(0, MAX).map(suggest);
}
