/** One thing that is wrong with a definition. */
export interface DefinitionFault {
  /** Where, as in `policies[0].actions`; empty for the definition itself. */
  path: string;
  message: string;
}

/** A path as JavaScript writes it. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(part))) text += text === "" ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}
