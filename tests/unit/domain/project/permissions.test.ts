import { describe, expect, test } from "vitest";
import type { ProjectActor } from "#domain/project/actor.ts";
import { decide, mayReach, maySeeAgent, RECORD_ACTIONS, scopeAgainst } from "#domain/project/permissions.ts";
import { maskRecord, matchesScope } from "#domain/project/scopes.ts";
import type { RoleDefinition } from "#domain/project/schemas.ts";

const user = (more: Partial<ProjectActor> = {}): ProjectActor => ({
  kind: "user",
  organizationId: "org1",
  userId: "u1",
  roles: ["r"],
  ...more,
});
type Policy = RoleDefinition["policies"][number];
/** `allow order read,list`, as one line. */
const policy = (line: string): Policy => {
  const [effect, resource, actions] = line.split(" ") as [Policy["effect"], string, string];
  return { effect, resource, actions: actions.split(",") as Policy["actions"] };
};
const role = (name: string, ...lines: string[]): RoleDefinition => ({ name, policies: lines.map(policy) });

/** The policies of a role `r`; of a second one `s` behind a bar; and of each action on `order` what comes of it. */
const POLICIES: [policies: string, allowed: string][] = [
  ["", ""],
  ["allow order read", "read"],
  ["allow order create", "create"],
  ["allow order update", "update"],
  ["allow order delete", "delete"],
  ["allow order list", "list"],
  ["allow order read,list", "read,list"],
  ["allow order *", "create,read,update,delete,list"],
  ["allow * *", "create,read,update,delete,list"],
  ["allow * read", "read"],
  ["allow ticket *", ""],
  ["allow orders *", ""],
  ["allow users *", ""],
  ["deny order read", ""],
  ["deny * *", ""],
  ["allow order *; deny order delete", "create,read,update,list"],
  ["deny order delete; allow order *", "create,read,update,list"],
  ["allow * *; deny order *", ""],
  ["allow order *; deny * *", ""],
  ["allow order *; deny * delete", "create,read,update,list"],
  ["allow order *; deny ticket *", "create,read,update,delete,list"],
  ["allow order read; deny order update", "read"],
  ["allow order read,update; deny order read,list", "update"],
  ["allow order read; allow order update", "read,update"],
  ["allow order read|allow order update", "read,update"],
  ["allow order *|deny order delete", "create,read,update,list"],
  ["deny order delete|allow order *", "create,read,update,list"],
  ["deny * *|allow * *", ""],
  ["allow ticket *|allow order list", "list"],
  ["|allow order read", "read"],
];

describe("policies: closed by default, and denying wins in whatever order", () => {
  const cases = POLICIES.flatMap(([policies, allowed]) =>
    RECORD_ACTIONS.map((action) => [policies, action, allowed.split(",").includes(action)] as const),
  );
  test.each(cases)("%j: %s is %s", (policies, action, isAllowed) => {
    const roles = policies
      .split("|")
      .map((lines, i) => role(["r", "s"][i]!, ...lines.split("; ").filter((line) => line !== "")));
    expect(decide(user({ roles: ["r", "s"] }), action, "order", roles).allowed).toBe(isAllowed);
  });

  test("the line that decided is told", () => {
    const roles = [role("r", "allow order read", "allow order *", "deny order delete")];
    const because = (action: "read" | "delete", who = user()) => decide(who, action, "order", roles).because;
    expect(because("read")).toEqual({ kind: "policy", role: "r", index: 0 });
    expect(because("delete")).toEqual({ kind: "policy", role: "r", index: 2 });
    expect(decide(user(), "read", "ticket", roles).because).toEqual({ kind: "no_policy" });
    expect(because("read", user({ roles: [] }))).toEqual({ kind: "no_role" });
    expect(because("read", user({ roles: ["gone"] }))).toEqual({ kind: "no_role" });
    expect(because("delete", user({ isAdmin: true }))).toEqual({ kind: "admin" });
    expect(because("delete", user({ kind: "system" }))).toEqual({ kind: "system" });
  });

  test("an agent acts through the role of that name alone, and is never an admin", () => {
    const roles = [role("agent", "allow order read"), role("r", "allow * *")];
    const agent = user({ kind: "agent", roles: ["r"], isAdmin: true });
    expect(decide(agent, "read", "order", roles).allowed).toBe(true);
    expect(decide(agent, "delete", "order", roles).allowed).toBe(false);
    expect(decide(agent, "read", "order", [role("r", "allow * *")]).because).toEqual({ kind: "no_role" });
  });
});

const SCOPES: [field: string, operator: string, value: unknown, record: object, passes: boolean][] = [
  ["data.owner", "eq", "actor.userId", { owner: "u1" }, true],
  ["owner", "eq", "actor.userId", { owner: "u1" }, true],
  ["data.owner", "eq", "actor.userId", { owner: "u2" }, false],
  ["data.owner", "eq", "actor.userId", {}, false],
  ["data.owner", "eq", "actor.userid", { owner: "actor.userid" }, false],
  ["data.owner", "eq", "actor.organizationId", { owner: "org1" }, true],
  ["data.owner", "eq", "actor.entityId", { owner: "e1" }, true],
  ["data.owner", "eq", "literal:actor.userId", { owner: "actor.userId" }, true],
  ["data.owner", "eq", "literal:", { owner: "" }, true],
  ["data.owner", "eq", "open", { owner: "open" }, true],
  ["data.n", "eq", 1, { n: 1 }, true],
  ["data.n", "eq", 1, { n: "1" }, false],
  ["data.n", "eq", null, { n: null }, true],
  ["data.n", "eq", null, {}, false],
  ["data.a.b", "eq", "x", { a: { b: "x" } }, true],
  ["data.a.b", "eq", "x", { a: "x" }, false],
  ["data.a[0]", "eq", "x", { a: ["x"] }, true],
  ["data.o", "eq", { a: 1, b: 2 }, { o: { b: 2, a: 1 } }, true],
  ["data.constructor", "eq", "x", {}, false],
  ["data.owner", "neq", "actor.userId", { owner: "u2" }, true],
  ["data.owner", "neq", "actor.userId", { owner: "u1" }, false],
  ["data.owner", "neq", "actor.userId", {}, true],
  ["data.owner", "neq", "actor.nobody", { owner: "u2" }, false],
  ["data.status", "in", ["a", "b"], { status: "b" }, true],
  ["data.status", "in", ["a", "b"], { status: "c" }, false],
  ["data.status", "in", ["a", "b"], {}, false],
  ["data.status", "in", [], { status: "a" }, false],
  ["data.status", "in", "a", { status: "a" }, false],
  ["data.team", "in", "actor.relatedIds:team", { team: "t2" }, true],
  ["data.team", "in", "actor.relatedIds:team", { team: "t9" }, false],
  ["data.team", "in", "actor.relatedIds:none", { team: "t1" }, false],
  ["data.team", "in", "actor.relatedIds:toString", { team: "t1" }, false],
  ["data.tags", "contains", "x", { tags: ["x", "y"] }, true],
  ["data.tags", "contains", "z", { tags: ["x", "y"] }, false],
  ["data.tags", "contains", "actor.userId", { tags: ["u1"] }, true],
  ["data.text", "contains", "ell", { text: "hello" }, true],
  ["data.text", "contains", "ELL", { text: "hello" }, false],
  ["data.text", "contains", 1, { text: "1" }, false],
  ["data.text", "contains", "x", {}, false],
];

describe("scope rules: each must hold", () => {
  const who = user({ entityId: "e1", relatedIds: { team: ["t1", "t2"] } });
  test.each(SCOPES)("%s %s %j with %j: %s", (field, operator, value, record, passes) => {
    const rule = { entityType: "order", field, operator, value } as never;
    expect(matchesScope(rule, record as Record<string, unknown>, who)).toBe(passes);
  });

  test("all of them, of all roles; what somebody doesn't have passes nothing", () => {
    const rule = (field: string, value: string) =>
      ({ entityType: "order", field, operator: "eq", value }) as const;
    const roles: RoleDefinition[] = [
      { ...role("r", "allow order read"), scopeRules: [rule("data.owner", "actor.userId")] },
      { ...role("s", "allow order read"), scopeRules: [rule("data.open", "literal:yes")] },
    ];
    const both = user({ roles: ["r", "s"] });
    expect(scopeAgainst(both, "order", { owner: "u1", open: "yes" }, roles)).toBeNull();
    expect(scopeAgainst(both, "order", { owner: "u1", open: "no" }, roles)).toEqual({ role: "s", index: 0 });
    expect(scopeAgainst(both, "order", { owner: "u2", open: "yes" }, roles)).toEqual({ role: "r", index: 0 });
    expect(scopeAgainst(both, "ticket", {}, roles)).toBeNull();
    const reach = (record: Record<string, unknown>, action: "read" | "update") =>
      mayReach(both, action, { entityType: "order", record }, roles);
    expect(reach({ owner: "u1", open: "yes" }, "read")).toBe(true);
    expect(reach({ owner: "u2", open: "yes" }, "read")).toBe(false);
    expect(reach({ owner: "u1", open: "yes" }, "update")).toBe(false);
    const { userId: _, ...nobody } = both;
    expect(scopeAgainst(nobody, "order", { open: "yes" }, roles)).toEqual({ role: "r", index: 0 });
    expect(scopeAgainst(user({ isAdmin: true }), "order", {}, roles)).toBeNull();
  });
});

const MASKS: [masks: string, record: object, seen: object][] = [
  ["", { a: 1 }, { a: 1 }],
  ["hide a", { a: 1, b: 2 }, { b: 2 }],
  ["hide data.a", { a: 1, b: 2 }, { b: 2 }],
  ["redact a", { a: 1, b: 2 }, { a: "[redacted]", b: 2 }],
  ["redact a; hide a", { a: 1 }, {}],
  ["hide a; redact a", { a: 1 }, {}],
  ["hide a.b", { a: { b: 1, c: 2 } }, { a: { c: 2 } }],
  ["redact a.b", { a: { b: 1, c: 2 } }, { a: { b: "[redacted]", c: 2 } }],
  ["hide a.b", { a: [{ b: 1 }, { b: 2, c: 3 }] }, { a: [{}, { c: 3 }] }],
  ["redact a.b", { a: [{ b: 1 }, 5] }, { a: [{ b: "[redacted]" }, 5] }],
  ["redact a", { a: null }, { a: "[redacted]" }],
  ["redact a", { a: [1, 2] }, { a: "[redacted]" }],
  ["hide none", { a: 1 }, { a: 1 }],
  ["redact none", { a: 1 }, { a: 1 }],
  ["hide a.b.c", { a: { b: "x" } }, { a: { b: "x" } }],
  ["hide __proto__", { a: 1 }, { a: 1 }],
];

test.each(MASKS)("masks %j on %j", (masks, record, seen) => {
  const fieldMasks = masks
    .split("; ")
    .filter((one) => one !== "")
    .map((one) => {
      const [maskType, fieldPath] = one.split(" ") as ["hide" | "redact", string];
      return { entityType: "order", maskType, fieldPath };
    });
  const roles = [{ ...role("r", "allow order read"), fieldMasks }];
  const given = structuredClone(record) as Record<string, unknown>;
  expect(maskRecord(given, "order", roles)).toEqual(seen);
  expect(given).toEqual(record);
  expect(maskRecord(given, "ticket", roles)).toEqual(record);
});

test("conversations are seen by whom a role names their agent to", () => {
  const roles: RoleDefinition[] = [
    { ...role("r", "allow order read"), agentAccess: ["support"] },
    role("s", "allow * *"),
  ];
  expect(maySeeAgent(user(), "support", roles)).toBe(true);
  expect(maySeeAgent(user(), "sales", roles)).toBe(false);
  expect(maySeeAgent(user({ roles: ["s"] }), "support", roles)).toBe(false);
  expect(maySeeAgent(user({ roles: [], isAdmin: true }), "sales", roles)).toBe(true);
});
