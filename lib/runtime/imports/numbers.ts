import { type Catalog, type Table } from "../engine/catalog.ts";
import { STORAGE } from "../engine/declared.ts";
import { PlatformError } from "../engine/errors.ts";
import { FIRST_USER_TABLE } from "../storage/ids.ts";

const MAX_NUMBER = 0x7fff_ffff;

/**
 * Which tables get other numbers, so that imported ids are ids of their tables. An empty table that is in the way
 * makes room; one with documents does not, since their ids would no longer be its own.
 * @param wanted the numbers that imported ids carry
 * @throws PlatformError where that cannot be
 */
export function planNumbers(
  catalog: Catalog,
  wanted: ReadonlyMap<Table, number>,
  isEmpty: (table: Table) => boolean,
): Map<Table, number> {
  const plan = new Map<Table, number>();
  const owners = new Map<number, Table>();
  for (const [table, number] of wanted) {
    checkNumber(table, number);
    const other = owners.get(number);
    if (other) throw conflict(table, other);
    owners.set(number, table);
    if (number === table.number) continue;
    if (!isEmpty(table)) {
      throw new PlatformError(
        `The ids of the table "${table.name}" are another table's: they do not go with those of the documents it has.`,
      );
    }
    plan.set(table, number);
  }
  const taken = new Set(owners.keys());
  for (const table of catalog.all()) {
    const owner = owners.get(table.number);
    if (!owner || owner === table || plan.has(table)) continue;
    if (!isEmpty(table)) throw conflict(owner, table);
    let free = catalog.freeNumber(table.name.startsWith("_"));
    while (taken.has(free)) free++;
    taken.add(free);
    plan.set(table, free);
  }
  return plan;
}

function checkNumber({ name }: Table, number: number): void {
  const isSystem = number < FIRST_USER_TABLE;
  if (number >= 1 && number <= MAX_NUMBER && isSystem === (name === STORAGE)) return;
  throw new PlatformError(`${number} can be no number of the table "${name}".`);
}

function conflict(table: Table, other: Table): PlatformError {
  const names = [table, other].map(
    ({ component, name }) => `"${component === "" ? name : `${component}/${name}`}"`,
  );
  return new PlatformError(`The ids of the tables ${names.join(" and ")} could not be told apart.`);
}
