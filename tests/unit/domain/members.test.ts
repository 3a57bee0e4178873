import { describe, expect, test } from "vitest";
import { membersOf, memberRole, rolesToGive, whyFixed } from "#domain/members.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

test("a role is the one that may do the most, and never more than its word", () => {
  expect(memberRole("owner")).toBe("owner");
  expect(memberRole("member, admin")).toBe("admin");
  expect(memberRole("ownership")).toBe("viewer");
  expect(memberRole("")).toBe("viewer");
});

test("people come with those first who may do the most, and with open invitations alone", () => {
  const user = (name: string) => ({ name, email: `${name}@studio.example` });
  const at = "2026-11-01T00:00:00Z";
  const people = membersOf(
    {
      id: "o",
      name: "Org",
      members: [
        { id: "1", userId: "a", role: "viewer", createdAt: at, user: user("zoe") },
        { id: "2", userId: "b", role: "owner", createdAt: new Date(at), user: user("mara") },
        { id: "3", userId: "c", role: "viewer", createdAt: at, user: user("bob") },
      ],
      invitations: [
        { id: "open", email: "a@x", role: "member", status: "pending", expiresAt: "2026-11-21T00:00:00Z" },
        { id: "late", email: "b@x", role: "member", status: "pending", expiresAt: "2026-11-19T00:00:00Z" },
        { id: "used", email: "c@x", role: "member", status: "accepted", expiresAt: "2026-11-21T00:00:00Z" },
      ],
    },
    NOW,
  );
  expect(people.members.map(({ name }) => name)).toEqual(["mara", "bob", "zoe"]);
  expect(people.members[0]?.joinedAt).toBe(Date.parse(at));
  expect(people.invitations).toEqual([
    { id: "open", email: "a@x", role: "member", expiresAt: Date.parse("2026-11-21T00:00:00Z") },
  ]);
});

describe("who may change whom", () => {
  test("only an owner makes an owner, and members make nobody", () => {
    expect(rolesToGive("owner")).toContain("owner");
    expect(rolesToGive("admin")).toEqual(["admin", "member", "viewer"]);
    expect(rolesToGive("member")).toEqual([]);
    expect(rolesToGive("viewer")).toEqual([]);
  });

  test("the only owner stays, an admin does not touch an owner, members touch nobody", () => {
    expect(whyFixed("owner", "owner", 1)).toMatch(/only owner/);
    expect(whyFixed("owner", "owner", 2)).toBeUndefined();
    expect(whyFixed("admin", "owner", 2)).toMatch(/Only an owner/);
    expect(whyFixed("admin", "admin", 1)).toBeUndefined();
    expect(whyFixed("member", "viewer", 1)).toMatch(/owners and admins/);
  });
});
