import { z } from "zod";
import { MCP_LIMITS, maskedValue } from "#domain/mcp.ts";
import { utf8Bytes } from "#domain/limits.ts";
import { refuse } from "../http/refuse.ts";
import { seal, type SecretPlace, type WrappedKey } from "../keys/envelope.ts";
import { dataKeyFor, openSecret } from "../keys/own-key.ts";

/** What a server is given that nobody else may see: variables of its process, or headers of its requests. */
export interface McpValues {
  env: Record<string, string>;
  headers: Record<string, string>;
}
type Field = keyof McpValues;
const FIELDS: Field[] = ["env", "headers"];

const stored = z.object({
  env: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
});

/** Names as a process's environment, and HTTP, take them. */
const NAMES: Record<Field, RegExp> = {
  env: /^[A-Za-z_][A-Za-z0-9_]{0,199}$/,
  headers: /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$/,
};
/** Variables that say how programs are loaded, and headers that belong to the way, are nobody's to set. */
const FORBIDDEN: Record<Field, RegExp> = {
  env: /^(?:LD_.*|NODE_OPTIONS|STUDIO_.*|PATH|HOME|BASH_ENV|ENV)$/i,
  headers:
    /^(?:host|connection|content-length|content-type|transfer-encoding|accept|mcp-.*|proxy-.*|te|trailer|upgrade|expect)$/i,
};

const placeOf = (organizationId: string, name: string, version: number): SecretPlace => ({
  organizationId,
  name: `mcp:${name}`,
  version,
});

const masked = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, maskedValue(value)]));

/** The values as people see them. */
export const maskedValues = (values: McpValues): McpValues => ({
  env: masked(values.env),
  headers: masked(values.headers),
});

/**
 * What is to be stored, of what was sent: a value that was sent as it is listed stays what it was.
 * @param known what is stored, where it may go on to the same place; undefined where it may not
 * @throws HttpError invalid_request
 */
export function checkedValues(
  sent: Partial<McpValues>,
  shown: McpValues | undefined,
  known: McpValues | undefined,
): McpValues {
  const values: McpValues = { env: {}, headers: {} };
  for (const field of FIELDS)
    for (const [name, value] of Object.entries(sent[field] ?? shown?.[field] ?? {})) {
      if (!NAMES[field].test(name) || FORBIDDEN[field].test(name) || Object.hasOwn(Object.prototype, name))
        throw refuse("mcp_value_name", { field, name: name.slice(0, 100) });
      const isKept = shown !== undefined && Object.hasOwn(shown[field], name) && shown[field][name] === value;
      const kept = isKept ? known?.[field][name] : value;
      if (kept === undefined) throw refuse("mcp_values_again", { field, name });
      // A line's end would begin another header, and NUL ends a variable.
      if (field === "headers" ? !/^[\t\x20-\x7e\x80-\xff]*$/.test(kept) : kept.includes("\0"))
        throw refuse("mcp_value_name", { field, name });
      values[field][name] = kept;
    }
  if (utf8Bytes(JSON.stringify(values)) > MCP_LIMITS.valueBytes)
    throw refuse("mcp_values_large", { bytes: MCP_LIMITS.valueBytes });
  return values;
}

/** Values encrypted for one server and version, with the organization's new data key where it had none. */
export function sealValues(
  organizationId: string,
  { name, version, dataKey }: { name: string; version: number; dataKey: WrappedKey | null },
  values: McpValues,
) {
  const { key, made } = dataKeyFor(organizationId, dataKey, "mcp_unreadable");
  return {
    sealed: {
      ciphertext: seal(key, placeOf(organizationId, name, version), JSON.stringify(values)),
      version,
    },
    ...(made && { dataKey: made }),
  };
}

/** The same in clear. @throws HttpError key_unreadable */
export const openValues = (
  organizationId: string,
  {
    name,
    version,
    ciphertext,
    dataKey,
  }: { name: string; version: number; ciphertext: string; dataKey: WrappedKey },
): McpValues =>
  stored.parse(
    JSON.parse(openSecret(dataKey, placeOf(organizationId, name, version), ciphertext, "mcp_unreadable")),
  );
