/** Names are Studio's own: parts of letters, digits and signs that lead nowhere else. */
const NAME = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*\.pack$/;

/** A name as it came. @throws Error where it is not one of Studio's */
export function storedName(name: string): string {
  if (!NAME.test(name)) throw new Error("no name of a checkpoint");
  return name;
}
