import { z } from "zod";
import { idParam, type RouteTable } from "../route.ts";
import {
  createRuleBody,
  moveRuleBody,
  proposalsResponse,
  ruleJson,
  rulesQuery,
  rulesResponse,
  simulateBody,
  simulateResponse,
  testRulesBody,
  testRulesResponse,
  updateRuleBody,
} from "../rules.ts";

const named = z.object({ id: idParam });
const read = { scope: "rules:read" } as const;
const write = { scope: "rules:write" } as const;

export const RULE_ROUTES = {
  "GET /api/v1/approval-rules": {
    id: "listRules",
    tag: "Rules",
    summary: "List approval rules",
    description:
      "Those of sessions only where the query names one. Within a place, those that count first come first.",
    access: read,
    query: rulesQuery,
    response: { status: 200, json: rulesResponse },
    errors: ["not_found"],
  },
  "POST /api/v1/approval-rules": {
    id: "createRule",
    tag: "Rules",
    summary: "Create an approval rule",
    description:
      "Admins make rules for the organization, an environment, or an agent; who started a session makes them for that session. In production, only rules of the environment or of a session allow anything.",
    access: write,
    body: createRuleBody,
    example: { name: "Tests", tool_pattern: "builtin:shell:npm test *", action: "auto_approve" },
    response: { status: 201, json: ruleJson },
    errors: ["not_found"],
  },
  "PATCH /api/v1/approval-rules/{id}": {
    id: "updateRule",
    tag: "Rules",
    summary: "Change an approval rule",
    description: "Requests that are pending stay pending.",
    access: write,
    params: named,
    body: updateRuleBody,
    example: { enabled: false },
    response: { status: 200, json: ruleJson },
  },
  "DELETE /api/v1/approval-rules/{id}": {
    id: "deleteRule",
    tag: "Rules",
    summary: "Delete an approval rule",
    access: write,
    params: named,
    response: { status: 204 },
  },
  "POST /api/v1/approval-rules/{id}/move": {
    id: "moveRule",
    tag: "Rules",
    summary: "Move an approval rule",
    description: "Within its place: the rule gets a priority between its new neighbors.",
    access: write,
    params: named,
    body: moveRuleBody,
    example: { before: null },
    response: { status: 204 },
  },
  "POST /api/v1/approval-rules/test": {
    id: "testRules",
    tag: "Rules",
    summary: "Ask what rules say of one call",
    description: "Nothing is run, and nothing is stored.",
    access: read,
    body: testRulesBody,
    example: { request: { command: "npm test && git push" } },
    response: { status: 200, json: testRulesResponse },
  },
  "POST /api/v1/approval-rules/simulate": {
    id: "simulateRules",
    tag: "Rules",
    summary: "Try unsaved rules on past calls",
    description:
      "On what agents asked leave for in the last 30 days, newest first, a page at a time. Nothing is stored.",
    access: read,
    body: simulateBody,
    example: { rules: [{ tool_pattern: "builtin:shell:git *", action: "auto_approve" }] },
    response: { status: 200, json: simulateResponse },
  },
  "GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals": {
    id: "listProposals",
    tag: "Rules",
    summary: "List patterns that would allow a pending approval",
    description: "The most useful first, each with what it would have matched lately.",
    access: read,
    params: z.object({ run_id: idParam, approval_key: idParam }),
    response: { status: 200, json: proposalsResponse },
  },
} as const satisfies RouteTable;
