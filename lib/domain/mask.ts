import { FormFinder } from "./mask-forms.ts";
import { DOTS } from "./masked.ts";

/** Studio's own secrets, by the form that they all have: see lib/server/auth/opaque.ts. */
const PREFIXES = ["gw_studio_", "sync_studio_", "sk_studio_", "git_studio_"] as const;
const RANDOM_CHARS = 43;

/** Where tools break long lines of base64; in JSON text such a break is two characters. */
const BREAK = "(?:\\\\[rn]|[\\r\\n]){0,2}";
const BASE64_CHAR = "[A-Za-z0-9+/_-]";
/** Less of a text is no proof of a secret. */
const MIN_FORM_CHARS = 8;

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
const broken = (text: string) => Array.from(text, escaped).join(BREAK);

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * What base64 makes of a text wherever it stands in another one: three forms, by its distance from the beginning, each
 * without the characters at its ends that its neighbors have a part in.
 */
export function base64Forms(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const forms = [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const encoded = base64(padded);
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  return [...new Set(forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]))];
}

/** Base64 of Studio's own secrets: what their beginnings become, and how much follows at least. */
const OWN_BASE64 = PREFIXES.flatMap((prefix) =>
  base64Forms(prefix).map((begin) => ({ begin, rest: Math.floor((RANDOM_CHARS * 8) / 6) - 1 })),
);
const OWN_PLAIN = /(gw|sync|sk|git)_studio_[0-9A-Za-z]{43}/g;
const OWN_ENCODED = new RegExp(
  OWN_BASE64.map(({ begin, rest }) => `${broken(begin)}(?:${BREAK}${BASE64_CHAR}){${rest},${rest + 3}}`).join(
    "|",
  ),
  "g",
);
/** What all of them have in common, in each of base64's forms: most texts have none of it. */
const OWN_MARKS = ["_studio_", ...base64Forms("_studio_").map((form) => form.slice(0, 6))];

/** The text with each of Studio's own secrets cut down to its beginning, or covered. Safe for JSON text too. */
export function maskSecrets(text: string): string {
  if (!OWN_MARKS.some((mark) => text.includes(mark)) && !/[\r\n]|\\[rn]/.test(text)) return text;
  return text.replaceAll(OWN_PLAIN, "$1_studio_…").replaceAll(OWN_ENCODED, DOTS);
}

/** The ways in which a secret may be printed: as it is, in JSON, in a URL, in base64. */
function formsOf(secret: string): string[] {
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    ...base64Forms(secret),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_FORM_CHARS);
}

/** How many characters at the end of a text may be the beginning of `form`. */
function begun(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(form.slice(0, length))) return length;
  return 0;
}

/** No form of Studio's own secrets is longer. */
const MAX_OWN_CHARS = 128;

/** The end of a text that may be one of Studio's own secrets, not yet whole. */
function begunOwn(whole: string): number {
  const text = whole.slice(-MAX_OWN_CHARS);
  const plain = /(?:gw|sync|sk|git)_studio_[0-9A-Za-z]{0,42}$/.exec(text)?.[0].length ?? 0;
  const lengths = [...PREFIXES, ...OWN_BASE64.map(({ begin }) => begin)].map((begin) => begun(text, begin));
  const encoded = OWN_BASE64.map(({ begin, rest }) => {
    const at = text.lastIndexOf(begin);
    const tail = at < 0 ? "" : text.slice(at + begin.length);
    return at >= 0 && tail.length < rest && /^[A-Za-z0-9+/_-]*$/.test(tail) ? text.length - at : 0;
  });
  return Math.max(plain, ...lengths, ...encoded);
}

/** So many times as long a secret may be that is broken into short lines. */
const MAX_BROKEN = 4;
/** Lines of a secret that are no shorter are secrets by themselves, such as those of a private key. */
const MIN_LINE_CHARS = 24;

/** A secret in each of its forms, and each of its longer lines. */
function allFormsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= MIN_LINE_CHARS);
  return [...formsOf(secret), ...(lines.length > 0 && secret.includes("\n") ? lines.flatMap(formsOf) : [])];
}

/** Hides secrets: Studio's own by their form, and those that it is given, in every form in which they may be printed. */
export class Masker {
  readonly #known: FormFinder | null;

  /** @param secrets values that are in a sandbox, and must be in no event; short ones are no secrets */
  constructor(secrets: readonly string[] = []) {
    const forms = secrets.filter((secret) => secret.length >= MIN_FORM_CHARS).flatMap(allFormsOf);
    this.#known = forms.length > 0 ? new FormFinder(forms) : null;
  }

  /** No secret is longer in any of its forms, breaks of lines included. */
  get maxChars(): number {
    return MAX_BROKEN * Math.max(MAX_OWN_CHARS, this.#known?.longest ?? 0);
  }

  /** The text without secrets. Safe for JSON text too. */
  mask(text: string): string {
    const own = maskSecrets(text);
    const ranges = this.#known?.find(own).ranges ?? [];
    let masked = "";
    let at = 0;
    for (const { from, to } of ranges) {
      masked += own.slice(at, from) + DOTS;
      at = to;
    }
    return masked + own.slice(at);
  }

  /** The same for all texts of a value that JSON can hold. */
  maskValue<T>(value: T): T {
    return JSON.parse(this.mask(JSON.stringify(value))) as T;
  }

  /** What of a growing text can be shown already, masked, and what must wait for more of it. */
  growing(text: string): { shown: string; held: string } {
    // Masked first: the end of a whole secret must not be held back as the beginning of another.
    const masked = this.mask(text);
    const at = Math.min(masked.length - begunOwn(masked), this.#known?.find(masked).begun ?? masked.length);
    return { shown: masked.slice(0, at), held: masked.slice(at) };
  }
}
