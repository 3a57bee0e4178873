import type { DefinitionValue } from "#client/definition-draft.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";

/** What a new definition begins with. */
export const INITIAL: Record<ProjectKind, DefinitionValue> = {
  agent: { name: "", slug: "", version: "0.1.0", systemPrompt: "" },
  entityType: { name: "", slug: "", schema: { type: "object", properties: {}, required: [] } },
  role: { name: "", policies: [] },
  trigger: { name: "", slug: "", on: { entityType: "", action: "created" }, actions: [] },
  file: { path: "fixtures/", text: "" },
};
