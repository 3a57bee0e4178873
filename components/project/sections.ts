import type { LucideIcon } from "lucide-react";
import { Bot, FileCode, KeyRound, TableProperties, Zap } from "lucide-react";
import type { Environment } from "#domain/catalog.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";

/** A list of the project: its address, its names, and what it is for. */
export interface Section {
  kind: ProjectKind;
  path: string;
  name: string;
  one: string;
  other: string;
  icon: LucideIcon;
  about: string;
}

export const SECTIONS: readonly Section[] = [
  {
    kind: "agent",
    path: "agents",
    name: "Agents",
    one: "agent",
    other: "agents",
    icon: Bot,
    about: "Who answers in the project: instructions, model, and tools.",
  },
  {
    kind: "entityType",
    path: "entity-types",
    name: "Entity types",
    one: "entity type",
    other: "entity types",
    icon: TableProperties,
    about: "Kinds of records, and their fields.",
  },
  {
    kind: "role",
    path: "roles",
    name: "Roles",
    one: "role",
    other: "roles",
    icon: KeyRound,
    about: "What people and agents may do with records. What isn't allowed is denied.",
  },
  {
    kind: "trigger",
    path: "triggers",
    name: "Triggers",
    one: "trigger",
    other: "triggers",
    icon: Zap,
    about:
      "What happens by itself when a record changes. Studio keeps and checks them; your project's runtime fires them.",
  },
  {
    kind: "file",
    path: "files",
    name: "Files",
    one: "file",
    other: "files",
    icon: FileCode,
    about: "Tools, evals, and fixtures. Studio keeps them as they are, and runs none of them.",
  },
];

/** The pages of a project that are no lists. */
export const VIEWS = [
  { path: "graph", name: "Graph" },
  { path: "history", name: "History" },
  { path: "environments", name: "Environments" },
] as const;

export const sectionOf = (kind: ProjectKind): Section => SECTIONS.find((one) => one.kind === kind)!;

/** Where a definition's page is. */
export const definitionHref = (environment: Environment, kind: ProjectKind, slug: string): string =>
  `/project/${environment}/${sectionOf(kind).path}/${slug.split("/").map(encodeURIComponent).join("/")}`;
