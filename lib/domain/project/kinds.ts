import { DEFINITION_KINDS } from "../definitions.ts";

/** Folders whose files belong to the project without being read: nothing here runs them. */
export const FILE_FOLDERS = ["tools", "evals", "fixtures"] as const;

/** What a project is made of: its definitions, and the files that are carried as they are. */
export const PROJECT_KINDS = ["agent", "entityType", "role", "trigger", "file"] as const;
export type ProjectKind = (typeof PROJECT_KINDS)[number];

/** What each kind is called where lists of it are sent. */
export const PLURALS = {
  agent: "agents",
  entityType: "entityTypes",
  role: "roles",
  trigger: "triggers",
  file: "files",
} as const satisfies Record<ProjectKind, string>;

/** What one of a kind is called in a sentence. */
export const KIND_NAMES: Record<ProjectKind, string> = {
  agent: "agent",
  entityType: "entity type",
  role: "role",
  trigger: "trigger",
  file: "file",
};

/** The field that each kind is known by. */
export const KEY_FIELDS: Record<ProjectKind, "slug" | "name" | "path"> = {
  ...(Object.fromEntries(DEFINITION_KINDS.map(({ kind, key }) => [kind, key])) as Record<
    (typeof DEFINITION_KINDS)[number]["kind"],
    "slug" | "name"
  >),
  file: "path",
};

/** What names one thing of a project. */
export interface ProjectName {
  kind: ProjectKind;
  /** Its slug, a role's name, or a file's path. */
  slug: string;
}

/** The same as one text, for maps. */
export const nameKey = ({ kind, slug }: ProjectName): string => `${kind}:${slug}`;

/** The same as people read it: `agent support-agent`. */
export const nameText = ({ kind, slug }: ProjectName): string => `${KIND_NAMES[kind]} ${slug}`;

/** Where a change of a project came from. `start`: what was there before changes were kept. */
export const PROJECT_SOURCES = ["page", "cli", "api", "session", "start"] as const;
export type ProjectSource = (typeof PROJECT_SOURCES)[number];

/** Everything of an environment, by {@link nameKey}. */
export type Project = ReadonlyMap<string, ProjectName & { value: Record<string, unknown> }>;
