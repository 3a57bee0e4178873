import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { MAX_OPERATOR_ORGANIZATIONS } from "#domain/operator.ts";
import { type Database, database, member } from "./support.ts";

let db: Database;

/** An organization with a name and a slug of its own. */
const organization = async (name: string, slug: string, who = slug) =>
  await db.service.mutation(api.identity.mirror, {
    driver: "test",
    user: { externalId: `user-${who}`, name: who, email: `${who}@studio.example` },
    organization: { externalId: `org-${slug}`, name, slug },
    role: "admin",
    assertedAt: Date.now(),
    welcomeMicroUsd: 0,
  });
const search = async (text: string) => {
  const { organizations, isCut } = await db.service.query(api.operatorReports.search, { text });
  return { slugs: organizations.map(({ slug }) => slug), isCut };
};

beforeEach(async () => {
  db = database();
  await organization("Acme Robotics", "robots-1", "mara");
  await organization("Robotic Arms", "arms", "mara");
  await organization("Zebra", "zebra", "zoe");
});

test("organizations are found by words of their names, the last of which may be incomplete", async () => {
  expect((await search("acme")).slugs).toEqual(["robots-1"]);
  expect((await search("Acme Rob")).slugs[0]).toBe("robots-1");
  expect((await search("zeb")).slugs).toEqual(["zebra"]);
  expect((await search("nothing")).slugs).toEqual([]);
  expect((await search("!?")).slugs).toEqual([]);
});

test("what a slug begins with comes first, and each organization once", async () => {
  expect((await search("robot")).slugs).toEqual(["robots-1", "arms"]);
  expect((await search(" Robots 1 ")).slugs[0]).toBe("robots-1");
});

test("a member's whole address finds all of their organizations, and a part of one nothing", async () => {
  expect((await search("mara@studio.example")).slugs.toSorted()).toEqual(["arms", "robots-1"]);
  expect((await search("Mara@Studio.example")).slugs.toSorted()).toEqual(["arms", "robots-1"]);
  expect((await search("mara@studio")).slugs).toEqual([]);
});

test("one that is deleted is not found, by whatever", async () => {
  await db.service.mutation(api.identity.removeOrganization, { driver: "test", organizationId: "org-zebra" });
  for (const text of ["zebra", "zoe@studio.example"]) expect((await search(text)).slugs).toEqual([]);
});

test("no more than a page is found, and what is left out is said", async () => {
  for (let index = 0; index <= MAX_OPERATOR_ORGANIZATIONS; index += 1)
    await organization(`Many ${index}`, `many-${index}`);
  const { slugs, isCut } = await search("many");
  expect(slugs).toHaveLength(MAX_OPERATOR_ORGANIZATIONS);
  expect(isCut).toBe(true);
  await expect(search("x".repeat(201))).rejects.toMatchObject({ data: { code: "invalid_request" } });
});

test("it is for Studio's own servers alone", async () => {
  const ada = await member(db, "ada");
  await expect(ada.as.query(api.operatorReports.search, { text: "zebra" })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
});
