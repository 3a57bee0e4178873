import type http from "node:http";
import path from "node:path";
import { RpcError } from "./rpc.ts";

/** A name that requests may act under. All share one uid: the sandbox has no second one to give. */
export interface User {
  name: string;
  home: string;
}

const USERS: Record<string, User> = {
  user: { name: "user", home: "/home/user" },
  root: { name: "root", home: "/root" },
};

/** The user that a request names: by query, else by Basic authorization, else `user`. */
export function userOf(req: http.IncomingMessage, queryName?: string | null): User {
  const basic = /^Basic (.+)$/i.exec(req.headers.authorization ?? "")?.[1];
  const name = queryName || (basic && Buffer.from(basic, "base64").toString().split(":")[0]) || "user";
  const user = USERS[name];
  if (!user) throw new RpcError("unauthenticated", `invalid username: '${name}'`);
  return user;
}

/** The absolute path that a request means: `~` and relative paths start at the user's home. */
export function resolvePath(given: string, user: User): string {
  if (given.includes("\0")) throw new RpcError("invalid_argument", "a path cannot contain a NUL byte");
  if (given === "~" || given.startsWith("~/")) return path.join(user.home, given.slice(1));
  if (given.startsWith("~")) {
    throw new RpcError("invalid_argument", `cannot expand another user's home in '${given}'`);
  }
  return path.resolve(user.home, given);
}
