import type { DatabaseSync } from "node:sqlite";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { Acting } from "./acting.ts";

/** A change of who may do what, by Better Auth's own ids. `role` is Better Auth's own, which may be several. */
export type IdentityChange = { by?: Acting } & (
  | { kind: "role"; userId: string; organizationId: string; role: string }
  | { kind: "member"; userId: string; organizationId: string }
  | { kind: "user"; userId: string }
  | { kind: "organization"; organizationId: string }
  | { kind: "password"; userId: string }
);

/** A change that was decided, and is not known to have come through on both sides. */
export interface Pending {
  id: string;
  change: IdentityChange;
}

/** Stands where others name an organization, so that it neither replaces nor hides what was decided about the person. */
const PASSWORD_RESET = "password-reset";

/** How long the request that decided a change has for it; then it is taken to have died. */
const REQUEST_MS = 15_000;

interface Row {
  id: string;
  kind: IdentityChange["kind"];
  user_id: string;
  organization_id: string;
  role: string;
  by: string;
}

function changeOf(row: Row): IdentityChange {
  const { kind, user_id: userId, organization_id: organizationId, role } = row;
  const by = JSON.parse(row.by) as Acting;
  switch (kind) {
    case "role":
      return { kind, userId, organizationId, role, by };
    case "member":
      return { kind, userId, organizationId, by };
    case "user":
      return { kind, userId, by };
    case "organization":
      return { kind, organizationId, by };
    case "password":
      return { kind, userId, by };
  }
}

/** The two columns that say whom a change is about. */
function subjectOf(change: IdentityChange): { userId: string; organizationId: string } {
  const none = change.kind === "password" ? PASSWORD_RESET : "";
  return { userId: "", organizationId: none, ...change };
}

/**
 * What was decided about people's rights, written down before it is done: membership stands in two databases, here and
 * in Convex, and a crash between the two must not leave them apart. Convex goes first, then this database.
 */
export class Outbox {
  readonly #database: DatabaseSync;
  readonly #turns: Kysely<unknown>;

  /** @param turns gives out the turns on the same connection, which other requests' transactions use too */
  constructor(database: DatabaseSync, turns: Kysely<unknown>) {
    this.#database = database;
    this.#turns = turns;
    database.exec(`CREATE TABLE IF NOT EXISTS studio_identity_changes (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL, organization_id TEXT NOT NULL,
      role TEXT NOT NULL, by TEXT NOT NULL, due_at INTEGER NOT NULL)`);
  }

  /** Writes a change down, in place of an earlier one of the same subject. @returns its id */
  async begin(change: IdentityChange): Promise<string> {
    const id = randomUUID();
    const { userId, organizationId } = subjectOf(change);
    const role = change.kind === "role" ? change.role : "";
    await this.#transaction(() => {
      this.#run(
        `DELETE FROM studio_identity_changes WHERE user_id = ? AND organization_id = ?`,
        userId,
        organizationId,
      );
      this.#run(
        `INSERT INTO studio_identity_changes VALUES (?, ?, ?, ?, ?, ?, ?)`,
        id,
        change.kind,
        userId,
        organizationId,
        role,
        JSON.stringify(change.by ?? {}),
        Date.now() + REQUEST_MS,
      );
    });
    return id;
  }

  /** The change has come through on both sides. */
  async settle(change: IdentityChange): Promise<void> {
    const { userId, organizationId } = subjectOf(change);
    await this.#transaction(() =>
      this.#run(
        `DELETE FROM studio_identity_changes WHERE kind = ? AND user_id = ? AND organization_id = ?`,
        change.kind,
        userId,
        organizationId,
      ),
    );
  }

  /** The request gives up, so that the change is carried on by `drain` at once. */
  async handOver(id: string): Promise<void> {
    await this.#transaction(() =>
      this.#run(`UPDATE studio_identity_changes SET due_at = 0 WHERE id = ?`, id),
    );
  }

  /** What no request works on, oldest first. */
  due(now: number = Date.now()): Pending[] {
    const rows = this.#database
      .prepare(`SELECT * FROM studio_identity_changes WHERE due_at <= ? ORDER BY rowid LIMIT 100`)
      .all(now) as unknown as Row[];
    return rows.map((row) => ({ id: row.id, change: changeOf(row) }));
  }

  /** What is decided about a person in an organization, and not yet done. */
  of(userId: string, organizationId: string): IdentityChange[] {
    const rows = this.#database
      .prepare(
        `SELECT * FROM studio_identity_changes
         WHERE (user_id = ? AND organization_id IN (?, '')) OR (user_id = '' AND organization_id = ?)`,
      )
      .all(userId, organizationId, organizationId) as unknown as Row[];
    return rows.map(changeOf);
  }

  /**
   * Does here what was decided, as Better Auth would have. Idempotent.
   * The tables are Better Auth's: https://www.better-auth.com/docs/plugins/organization#schema
   */
  async apply({ id, change }: Pending): Promise<void> {
    await this.#transaction(() => {
      switch (change.kind) {
        case "role":
          this.#run(
            `UPDATE member SET role = ? WHERE userId = ? AND organizationId = ?`,
            change.role,
            change.userId,
            change.organizationId,
          );
          break;
        case "member":
          this.#run(
            `DELETE FROM member WHERE userId = ? AND organizationId = ?`,
            change.userId,
            change.organizationId,
          );
          this.#run(
            `UPDATE session SET activeOrganizationId = NULL WHERE userId = ? AND activeOrganizationId = ?`,
            change.userId,
            change.organizationId,
          );
          break;
        case "user":
          for (const table of ["session", "account", "member"])
            this.#run(`DELETE FROM ${table} WHERE userId = ?`, change.userId);
          this.#run(`DELETE FROM invitation WHERE inviterId = ?`, change.userId);
          this.#run(`DELETE FROM user WHERE id = ?`, change.userId);
          break;
        case "organization":
          for (const table of ["member", "invitation"])
            this.#run(`DELETE FROM ${table} WHERE organizationId = ?`, change.organizationId);
          this.#run(
            `UPDATE session SET activeOrganizationId = NULL WHERE activeOrganizationId = ?`,
            change.organizationId,
          );
          this.#run(`DELETE FROM organization WHERE id = ?`, change.organizationId);
          break;
        case "password":
          // Done where it was decided; only the audit log had to be told.
          break;
      }
      this.#run(`DELETE FROM studio_identity_changes WHERE id = ?`, id);
    });
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#database.prepare(sql).run(...values);
  }

  /** Waits for the connection. Not to be called in a transaction of the library's, which holds it. */
  async #transaction(work: () => void): Promise<void> {
    await this.#turns.transaction().execute(async () => work());
  }
}
