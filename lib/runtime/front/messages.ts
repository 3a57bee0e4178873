import { APP, fullName } from "../engine/component-path.ts";

/** What clients send over the WebSocket (see `protocol.ts` of the `convex` package). */
export type ClientMessage =
  | { type: "Connect"; sessionId: string; maxObservedTimestamp?: string }
  | {
      type: "Authenticate";
      tokenType: "Admin" | "User" | "None";
      value?: string;
      baseVersion: number;
      impersonating?: unknown;
    }
  | {
      type: "ModifyQuerySet";
      baseVersion: number;
      newVersion: number;
      modifications: QuerySetChange[];
    }
  | ({ type: "Mutation" } & FunctionMessage)
  | ({ type: "Action" } & FunctionMessage)
  | { type: "Event" };
interface FunctionMessage {
  requestId: number;
  udfPath: string;
  args: unknown[];
}
type QuerySetChange =
  | {
      type: "Add";
      queryId: number;
      /** Behind its component's path, where the client named one. */ udfPath: string;
      args: unknown[];
      journal?: string | null;
    }
  | { type: "Remove"; queryId: number };

type Fields = Record<string, unknown>;

function fail(what: string): never {
  throw new Error(`Received an invalid message: ${what}`);
}

function integer(fields: Fields, name: string): number {
  const value = fields[name];
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : fail(`${name} must be a non-negative integer`);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : fail(`${name} must be a string`);
}

function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : text(fields, name);
}

function list(fields: Fields, name: string): unknown[] {
  const value = fields[name];
  return Array.isArray(value) ? value : fail(`${name} must be a list`);
}

function object(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : fail("expected an object");
}

function querySetChange(value: unknown): QuerySetChange {
  const fields = object(value);
  const queryId = integer(fields, "queryId");
  if (fields["type"] === "Remove") return { type: "Remove", queryId };
  if (fields["type"] !== "Add") fail("a modification must be Add or Remove");
  const journal = optionalText(fields, "journal") ?? null;
  const udfPath = fullName(optionalText(fields, "componentPath") ?? APP, text(fields, "udfPath"));
  return { type: "Add", queryId, udfPath, args: list(fields, "args"), journal };
}

/** @throws Error for anything that is not a message of the protocol */
export function parseMessage(json: string): ClientMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new Error("Received an invalid message: it is not JSON", { cause: error });
  }
  const fields = object(parsed);
  switch (fields["type"]) {
    case "Connect": {
      const observed = optionalText(fields, "maxObservedTimestamp");
      const connect = { type: "Connect", sessionId: text(fields, "sessionId") } as const;
      return observed === undefined ? connect : { ...connect, maxObservedTimestamp: observed };
    }
    case "Authenticate": {
      const tokenType = text(fields, "tokenType");
      if (tokenType !== "Admin" && tokenType !== "User" && tokenType !== "None") fail("unknown tokenType");
      const value = tokenType === "None" ? {} : { value: text(fields, "value") };
      const baseVersion = integer(fields, "baseVersion");
      return {
        type: "Authenticate",
        tokenType,
        baseVersion,
        impersonating: fields["impersonating"],
        ...value,
      };
    }
    case "ModifyQuerySet":
      return {
        type: "ModifyQuerySet",
        baseVersion: integer(fields, "baseVersion"),
        newVersion: integer(fields, "newVersion"),
        modifications: list(fields, "modifications").map(querySetChange),
      };
    case "Mutation":
    case "Action":
      return {
        type: fields["type"],
        requestId: integer(fields, "requestId"),
        udfPath: fullName(optionalText(fields, "componentPath") ?? APP, text(fields, "udfPath")),
        args: list(fields, "args"),
      };
    case "Event":
      return { type: "Event" };
    default:
      return fail("unknown type");
  }
}
