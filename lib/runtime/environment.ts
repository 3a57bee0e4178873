import fs from "node:fs";
import path from "node:path";

const FILE = "environment.json";

/** The variables that an app sees: those that the runtime was started with, and those set since, which win. */
export class Variables {
  private readonly file: string;
  private readonly given: Readonly<Record<string, string>>;
  /** Set since, by name; null for those that were removed. */
  private changes: Record<string, string | null>;
  /** Brings a change to the functions. */
  onChange: () => Promise<void> = () => Promise.resolve();

  /** @param given what the runtime was started with. @throws Error if what was stored is no longer readable */
  constructor(data: string, given: Readonly<Record<string, string>>) {
    this.file = path.join(data, FILE);
    this.given = given;
    this.changes = fs.existsSync(this.file)
      ? (JSON.parse(fs.readFileSync(this.file, "utf8")) as Record<string, string | null>)
      : {};
  }

  get all(): Record<string, string> {
    const all = Object.entries({ ...this.given, ...this.changes });
    return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
  }

  /** Resolves when the functions see the change. If they cannot, nothing is changed. */
  async change(changes: readonly (readonly [string, string | null])[]): Promise<void> {
    const before = this.changes;
    this.changes = { ...before, ...Object.fromEntries(changes) };
    try {
      await this.onChange();
    } catch (error) {
      this.changes = before;
      throw error;
    }
    const partial = `${this.file}.partial`;
    fs.writeFileSync(partial, JSON.stringify(this.changes), { mode: 0o600 });
    fs.renameSync(partial, this.file);
  }
}
