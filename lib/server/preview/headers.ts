import { HOP_BY_HOP } from "../../net/hop-by-hop.ts";

/** Name of the cookie that a preview's origin keeps; the app inside never sees it. */
export const COOKIE = "studio_preview";

/** What leads into the sandbox is said by this server alone. */
const OURS = /^(?:e2b-|x-forwarded-|host$)/;

type Pairs = [name: string, value: string][];

function pairsOf(raw: readonly string[]): Pairs {
  const pairs: Pairs = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
}

/** The value of our cookie in a `Cookie` header. */
export function cookieOf(header: string | undefined): string | undefined {
  for (const part of header?.split(";") ?? []) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === COOKIE) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** A request's headers as the app in the sandbox gets them: its own cookies, and not ours. */
export function towardsApp(raw: readonly string[], upgrade = false): Pairs {
  return pairsOf(raw).flatMap(([name, value]): Pairs => {
    const lower = name.toLowerCase();
    if (OURS.test(lower)) return [];
    if (HOP_BY_HOP.has(lower) && !(upgrade && (lower === "connection" || lower === "upgrade"))) return [];
    if (lower !== "cookie") return [[name, value]];
    const kept = value
      .split(";")
      .filter((part) => part.split("=")[0]?.trim() !== COOKIE)
      .join(";")
      .trim();
    return kept === "" ? [] : [[name, kept]];
  });
}

/** An app's cookie as a browser keeps it in a frame of another site: for this pair of sites alone. */
function asThirdParty(cookie: string): string {
  const kept = cookie
    .split(";")
    .filter((part) => !/^\s*(?:domain|samesite|secure|partitioned)\s*(?:=|$)/i.test(part));
  return [...kept, " Secure", " SameSite=None", " Partitioned"].join(";");
}

/**
 * An answer's headers as the browser gets them: it may be shown within Studio and nowhere else,
 * and a redirect to the sandbox's own address stays in the preview.
 */
export function towardsBrowser(raw: readonly string[], studio: string, inside: readonly string[]): Pairs {
  const kept = pairsOf(raw).flatMap(([name, value]): Pairs => {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || lower === "x-frame-options") return [];
    if (lower === "set-cookie")
      return value.trim().startsWith(`${COOKIE}=`) ? [] : [[name, asThirdParty(value)]];
    if (lower === "content-security-policy")
      return [[name, value.replaceAll(/(^|;)\s*frame-ancestors[^;]*/gi, "")]];
    if (lower !== "location") return [[name, value]];
    const origin = inside.find((one) => value === one || value.startsWith(`${one}/`));
    return [[name, origin === undefined ? value : value.slice(origin.length) || "/"]];
  });
  return [...kept, ["content-security-policy", `frame-ancestors ${studio}`]];
}
