const KEY = Symbol.for("studio.server");

/** The value of that name, taken away: the next call makes another one. Undefined where none was made. */
export function takeSingleton(name: string): unknown {
  const { [KEY]: all } = globalThis as { [KEY]?: Map<string, unknown> };
  const value = all?.get(name);
  all?.delete(name);
  return value;
}

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
