const KEY = Symbol.for("studio.server");

/**
 * One value a process, however often the module is loaded: the bundler loads modules more than once.
 * `make` runs at the first call with that name.
 */
export function singleton<T>(name: string, make: () => T): T {
  const holder = globalThis as { [KEY]?: Map<string, unknown> };
  const all = (holder[KEY] ??= new Map<string, unknown>());
  if (!all.has(name)) all.set(name, make());
  return all.get(name) as T;
}
