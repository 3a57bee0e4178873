import { PlatformError } from "./errors.ts";

/**
 * Components by their path from the app: "" is the app itself, "workflow/workpool" what it calls `workpool` inside
 * of what it calls `workflow`. What a component owns is named by this path, a semicolon, and its own name for it;
 * the app's own names stand alone.
 */
export const APP = "";
const SEPARATOR = ";";
const HANDLE = "function://";
const CHILD = "_reference/childComponent/";

/** How `convex` names a function in a syscall's arguments: in one of three ways. */
export interface FunctionAddress {
  name?: unknown;
  reference?: unknown;
  functionHandle?: unknown;
}

/** The name of something in a component, unique over all components. */
export function fullName(component: string, name: string): string {
  return component === APP ? name : `${component}${SEPARATOR}${name}`;
}

/** A full name taken apart. */
export function splitName(full: string): { component: string; name: string } {
  const at = full.indexOf(SEPARATOR);
  return at < 0 ? { component: APP, name: full } : { component: full.slice(0, at), name: full.slice(at + 1) };
}

export function childPath(component: string, child: string): string {
  return component === APP ? child : `${component}/${child}`;
}

/** `childComponent/…/module/function` as a full function path, seen from a component. */
function referenced(component: string, reference: string): string {
  const parts = reference.slice(CHILD.length).split("/");
  const [child = "", ...rest] = parts;
  const name = rest.at(-1);
  if (!reference.startsWith(CHILD) || name === undefined || rest.length < 2) {
    throw new PlatformError(`Invalid function reference: ${reference}`);
  }
  return fullName(childPath(component, child), `${rest.slice(0, -1).join("/")}:${name}`);
}

/**
 * The full path of the function that a syscall of a component's names: by its own path, by the way to a child
 * component's, or by a handle made earlier anywhere.
 * @throws PlatformError where it names none
 */
export function addressOf(component: string, args: FunctionAddress): string {
  const { name, functionHandle: handle, reference } = args;
  // A name with a separator in it must not lead into another component.
  if (typeof name === "string" && !name.includes(SEPARATOR)) return fullName(component, name);
  if (typeof handle === "string" && handle.startsWith(HANDLE)) {
    const { component: owner, name: path } = splitName(handle.slice(HANDLE.length));
    return fullName(owner, path);
  }
  if (typeof reference === "string") return referenced(component, reference);
  throw new PlatformError("Expected a function's name, reference or handle.");
}

/** A handle of the function that the arguments name, as JSON text: `function://<component>;<path>`. */
export function functionHandle(component: string, args: FunctionAddress): string {
  const { component: owner, name } = splitName(addressOf(component, args));
  return JSON.stringify(`${HANDLE}${owner}${SEPARATOR}${name}`);
}
