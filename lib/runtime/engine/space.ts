import type { Catalog, Tables } from "./catalog.ts";
import { CreationTimes, Database } from "./database.ts";
import { Files } from "./files.ts";
import { JobQueue } from "./job-queue.ts";

/** What one component has of its own: tables, documents, scheduled functions, files. */
export interface Space {
  readonly tables: Tables;
  readonly database: Database;
  readonly jobs: JobQueue;
  readonly files: Files;
}

/** The spaces of the app and of each of its components, by path. */
export class Spaces {
  private readonly spaces = new Map<string, Space>();
  readonly times: CreationTimes;

  /** @param url the deployment's own address, for those of stored files */
  constructor(catalog: Catalog, components: readonly string[], options: { url: string; newest: number }) {
    this.times = new CreationTimes(options.newest);
    for (const component of components) {
      const tables = catalog.of(component);
      const database = new Database(tables, this.times);
      this.spaces.set(component, {
        tables,
        database,
        jobs: new JobQueue(component, tables, database),
        files: new Files(component, tables, database, options.url),
      });
    }
  }

  find(component: string): Space | undefined {
    return this.spaces.get(component);
  }

  /** @throws Error where there is no such component */
  of(component: string): Space {
    const space = this.spaces.get(component);
    if (!space) throw new Error(`there is no component "${component}"`);
    return space;
  }

  all(): Space[] {
    return [...this.spaces.values()];
  }
}
