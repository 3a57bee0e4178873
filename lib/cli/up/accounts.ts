import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Who owns what is in a data folder, by the embedded identity database, whose tables are Better Auth's.
 * @returns the address of an owner, or of another person where nobody owns an organization yet; null for a fresh folder
 */
export function ownerIn(data: string): string | null {
  const file = path.join(data, "auth.db");
  if (!fs.existsSync(file)) return null;
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    const tables = database.prepare(
      "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('user', 'member')",
    );
    if (tables.get()?.n !== 2) return null;
    const owner = database.prepare(
      `SELECT user.email FROM user LEFT JOIN member ON member.userId = user.id
       ORDER BY member.role LIKE '%owner%' DESC, user.createdAt LIMIT 1`,
    );
    const email = owner.get()?.email;
    return typeof email === "string" ? email : null;
  } finally {
    database.close();
  }
}
