import { beforeEach } from "vitest";
import { database, type Database, member, type Member } from "./support.ts";

/** The database of the test that runs, in which Ada is the admin of an organization. */
export let db: Database;
export let ada: Member;

/** Makes a fresh one. */
export async function beginWorld(): Promise<void> {
  db = database();
  ada = await member(db, "ada");
}

/** Goes back to one that was made before. */
export function returnToWorld(world: { db: Database; ada: Member }): void {
  ({ db, ada } = world);
}

/** Makes a fresh one before each test of the file that calls it: one process loads this module for many files. */
export function freshWorld(): void {
  beforeEach(beginWorld);
}
