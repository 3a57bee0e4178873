import fs from "node:fs";
import path from "node:path";
import { type RpcMessage, rpcMessage } from "#server/agent/wire.ts";

/** What an agent said in a recording of real traffic, in order. */
export function recorded(name: string): RpcMessage[] {
  const file = path.resolve(import.meta.dirname, `../../fixtures/acp/${name}.jsonl`);
  return fs
    .readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { dir: string; message: unknown })
    .filter(({ dir }) => dir === "fromAgent")
    .map(({ message }) => rpcMessage.parse(message));
}
