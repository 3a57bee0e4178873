/** What a form's field holds: a text, or fields of its own. Lists are fields named 0, 1, 2. */
export type Form = { [name: string]: string | Form };

const MAX_DEPTH = 8;

/** The body that Stripe's client sends: `a[b][0]=x` stands for `{a: {b: {0: "x"}}}`. */
export function parseForm(body: string): Form {
  const form: Form = Object.create(null) as Form;
  for (const [key, value] of new URLSearchParams(body)) {
    const [first = "", ...rest] = key.split("[").map((part) => part.replace(/\]$/, ""));
    const path = [first, ...rest];
    if (path.length > MAX_DEPTH) continue;
    let at = form;
    for (const part of path.slice(0, -1)) {
      const known = at[part];
      const next: Form = typeof known === "object" ? known : (Object.create(null) as Form);
      at[part] = next;
      at = next;
    }
    at[path.at(-1) ?? ""] = value;
  }
  return form;
}

/** The text at a path of a form; undefined where there is none. */
export function textAt(form: Form, ...path: string[]): string | undefined {
  let at: string | Form | undefined = form;
  for (const part of path) at = typeof at === "object" ? at[part] : undefined;
  return typeof at === "string" ? at : undefined;
}

/** The fields at a path that are texts. */
export function textsAt(form: Form, ...path: string[]): Record<string, string> {
  let at: string | Form | undefined = form;
  for (const part of path) at = typeof at === "object" ? at[part] : undefined;
  if (typeof at !== "object") return {};
  return Object.fromEntries(
    Object.entries(at).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
}
