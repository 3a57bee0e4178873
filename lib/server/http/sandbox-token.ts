/** The token that a tool in a sandbox signs in with, as a bearer's or as a password. */
export function tokenIn({ headers }: Request): string | undefined {
  const given = headers.get("authorization") ?? "";
  const basic = /^Basic +(\S+)$/i.exec(given)?.[1];
  if (basic !== undefined) return Buffer.from(basic, "base64").toString("utf8").split(":")[1];
  return /^Bearer +(\S+)$/i.exec(given)?.[1];
}
