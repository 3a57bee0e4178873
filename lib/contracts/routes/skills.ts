import {
  idParam,
  type RouteTable,
  SEES_SESSIONS as sees,
  sessionParams as session,
  WORKS_IN_SESSIONS as drives,
} from "../route.ts";
import { z } from "zod";
import {
  createdSessionSkill,
  createSessionSkillBody,
  createSkillBody,
  importedSkills,
  importSkillsBody,
  rootsBody,
  rootsResponse,
  sessionSkillsResponse,
  skillJson,
  skillQuery,
  skillRevisions,
  skillsQuery,
  skillsResponse,
  sourcesBody,
  updateSkillBody,
  wholeSkillJson,
} from "../skills.ts";

const named = z.object({ id: idParam });
const read = { scope: "skills:read" } as const;
const write = { scope: "skills:write" } as const;
const example = {
  name: "article-writer",
  description: "Use when writing an article.",
  body_markdown: "# Output structure\n- Title\n- Bullet points",
};

export const SKILL_ROUTES = {
  "GET /api/v1/skills": {
    id: "listSkills",
    tag: "Skills",
    summary: "List skills",
    description: "By root and name, without their texts.",
    access: read,
    query: skillsQuery,
    response: { status: 200, json: skillsResponse },
  },
  "POST /api/v1/skills": {
    id: "createSkill",
    tag: "Skills",
    summary: "Create a skill",
    access: write,
    body: createSkillBody,
    example,
    response: { status: 201, json: skillJson },
    errors: ["already_exists"],
  },
  "POST /api/v1/skills/import": {
    id: "importSkills",
    tag: "Skills",
    summary: "Import skills from an archive or a folder",
    description:
      "A skill that can't be taken is left out with its reason, and the others are still taken. A link, or a path that leads out of the archive, refuses all of it.",
    access: write,
    body: importSkillsBody,
    example: {
      files: [
        {
          path: "article-writer/SKILL.md",
          content:
            "---\nname: article-writer\ndescription: Use when writing an article.\n---\n\n# Output structure\n",
        },
      ],
    },
    response: { status: 200, json: importedSkills },
  },
  "GET /api/v1/skills/{id}": {
    id: "getSkill",
    tag: "Skills",
    summary: "Get a skill, with its text",
    access: read,
    params: named,
    query: skillQuery,
    response: { status: 200, json: wholeSkillJson },
  },
  "PATCH /api/v1/skills/{id}": {
    id: "updateSkill",
    tag: "Skills",
    summary: "Change a skill",
    description:
      "Another text is its next revision. Messages that are sent from then on bring the new text. Members can change the skills that they created, admins all.",
    access: write,
    params: named,
    body: updateSkillBody,
    example: { enabled: false },
    response: { status: 200, json: skillJson },
    errors: ["already_exists", "file_changed"],
  },
  "DELETE /api/v1/skills/{id}": {
    id: "deleteSkill",
    tag: "Skills",
    summary: "Delete a skill",
    access: write,
    params: named,
    response: { status: 204 },
  },
  "GET /api/v1/skills/{id}/revisions": {
    id: "listSkillRevisions",
    tag: "Skills",
    summary: "List the kept texts of a skill",
    description: "The present one first. `GET /api/v1/skills/{id}?revision=` has each.",
    access: read,
    params: named,
    response: { status: 200, json: skillRevisions },
  },
  "GET /api/v1/sessions/{id}/skills": {
    id: "listSessionSkills",
    tag: "Skills",
    summary: "List the skills of a session's roots",
    access: sees,
    params: session,
    response: { status: 200, json: sessionSkillsResponse },
  },
  "POST /api/v1/sessions/{id}/skills": {
    id: "createSessionSkill",
    tag: "Skills",
    summary: "Create a skill in one of a session's roots",
    description: "It is the organization's, and is written into the session's sandbox, too.",
    access: write,
    params: session,
    body: createSessionSkillBody,
    example,
    response: { status: 201, json: createdSessionSkill },
    errors: ["already_exists"],
  },
  "PUT /api/v1/sessions/{id}/skills/roots": {
    id: "setSkillRoots",
    tag: "Skills",
    summary: "Choose a session's skill roots",
    access: drives,
    params: session,
    body: rootsBody,
    example: { roots: ["/workspace/.skills_runtime_sdk/skills"] },
    response: { status: 200, json: rootsResponse },
  },
  "PUT /api/v1/sessions/{id}/skills/sources": {
    id: "setSkillSources",
    tag: "Skills",
    summary: "Choose a session's skill roots, as sources",
    description: "The same as `…/skills/roots`.",
    access: drives,
    params: session,
    body: sourcesBody,
    example: { filesystem_sources: ["/workspace/.skills_runtime_sdk/skills"] },
    response: { status: 200, json: rootsResponse },
  },
} as const satisfies RouteTable;
