import { type Access, member, service } from "./function-access.ts";

const fields = {
  name: "writer",
  description: "Writes.",
  title: "",
  envVars: ["TOKEN"],
  body: "Write.",
  extra: "{}",
};
const page = { paginationOpts: { numItems: 5, cursor: null } };

/** The functions of skills: see functions.ts. */
export const SKILL_FUNCTIONS: Record<string, Access> = {
  "skills:list": member("viewer", "skills:read", "own", () => page),
  "skills:get": member("viewer", "skills:read", "not_found", ({ skillId }) => ({ skillId })),
  "skills:revisions": member("viewer", "skills:read", "not_found", ({ skillId }) => ({ skillId })),
  "skills:mentionable": member("viewer", "skills:read", "own"),
  "skills:ofSession": member("viewer", "sessions:read", "not_found", ({ sessionId }) => ({ sessionId })),
  "skills:create": member("member", "skills:write", "own", () => ({
    ...fields,
    root: "docs/skills",
    enabled: true,
  })),
  "skills:createInSession": member("member", "skills:write", "not_found", ({ sessionId }) => ({
    ...fields,
    sessionId,
  })),
  "skills:update": member("member", "skills:write", "not_found", ({ skillId }) => ({
    skillId,
    enabled: false,
  })),
  "skills:setProduction": member("admin", "skills:write", "not_found", ({ skillId }) => ({
    skillId,
    revision: null,
  })),
  "skills:remove": member("member", "skills:write", "not_found", ({ skillId }) => ({ skillId })),
  "skills:setRoots": member("member", "sessions:write", "not_found", ({ sessionId }) => ({
    sessionId,
    roots: [],
  })),
  "skillOffers:list": member("viewer", "skills:read", "own", () => page),
  "skillOffers:take": member("member", "skills:write", "not_found", ({ offerId }) => ({ offerId })),
  "skillOffers:dismiss": member("member", "skills:write", "not_found", ({ offerId }) => ({ offerId })),
  "skillOffers:note": service(({ sessionId, skillId }) => ({
    sessionId,
    skillId,
    sha256: "a".repeat(64),
    ...fields,
  })),
  "skillOffers:noteNew": service(({ sessionId }) => ({
    sessionId,
    root: "docs/skills",
    sha256: "a".repeat(64),
    ...fields,
  })),
  "skills:forSandbox": service(({ sessionId }) => ({ sessionId })),
};
