import { beforeEach } from "vitest";
import { database, type Database, member, type Member } from "./support.ts";

/** Before each test of the file that imports it, a fresh database in which Ada is the admin of an organization. */
export let db: Database;
export let ada: Member;

beforeEach(async () => {
  db = database();
  ada = await member(db, "ada");
});
