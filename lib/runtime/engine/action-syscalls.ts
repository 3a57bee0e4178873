import type { Call, SyscallHost } from "./call.ts";
import { PlatformError, unsupported } from "./errors.ts";
import type { FileContent } from "./files.ts";
import { addressOf, functionHandle, splitName } from "./component-path.ts";
import type { UdfKind } from "./functions.ts";
import { textOf, type Json, type JsonObject } from "./json.ts";
import { metadataSyscall, type Deployment } from "./metadata.ts";
import { unwrap, type Outcome } from "./runner.ts";

/** What an action calls as; plain data, so that it can cross threads. */
export type Caller = Pick<Call, "identity" | "source" | "requestId">;

/** How actions reach the data, each call a transaction of its own. Plain data goes in and out. */
export interface ActionBackend {
  call(kind: UdfKind, path: string, argsText: string, caller: Caller): Promise<Outcome>;
  /** @throws PlatformError for what the call itself refuses */
  syscall(op: string, args: JsonObject, component: string): Promise<string>;
  storeFile(content: FileContent, component: string, sha256?: string): Promise<string>;
  readFile(id: string, component: string): Promise<FileContent | null>;
}

const KINDS: Record<string, UdfKind> = {
  "1.0/actions/query": "query",
  "1.0/actions/mutation": "mutation",
  "1.0/actions/action": "action",
};
const FORWARDED: Record<string, string> = {
  "1.0/actions/schedule": "1.0/schedule",
  "1.0/actions/vectorSearch": "1.0/vectorSearch",
  "1.0/actions/cancel_job": "1.0/cancel_job",
  "1.0/storageGetUrl": "1.0/storageGetUrl",
  "1.0/storageGetMetadata": "1.0/storageGetMetadata",
  "1.0/storageGenerateUploadUrl": "1.0/storageGenerateUploadUrl",
  "1.0/storageDelete": "1.0/storageDelete",
};

/** Answers the calls that `convex` makes on behalf of a running action. */
export class ActionSyscalls implements SyscallHost {
  private readonly backend: ActionBackend;
  private readonly deployment: Deployment;

  constructor(backend: ActionBackend, deployment: Deployment) {
    this.backend = backend;
    this.deployment = deployment;
  }

  sync(_call: Call, op: string): Json {
    throw op === "1.0/queryStream" ? noDatabase() : unsupported(op);
  }

  atHand(): undefined {
    return undefined;
  }

  async async(call: Call, op: string, argsText: string): Promise<string> {
    const metadata = metadataSyscall(call, op, this.deployment);
    if (metadata !== undefined) return metadata;
    const args = JSON.parse(argsText) as JsonObject;
    const kind = KINDS[op];
    if (kind) {
      const { component, source, requestId } = call;
      const text = JSON.stringify(args["args"] ?? {});
      const path = addressOf(component, args);
      // Who a person is, a component is told only in arguments.
      const identity = splitName(path).component === component ? call.identity : null;
      return unwrap(await this.backend.call(kind, path, text, { identity, source, requestId }));
    }
    if (op === "1.0/createFunctionHandle") return functionHandle(call.component, args);
    const forwarded = FORWARDED[op];
    // What a canceled function schedules does not run.
    const parent = call.source.scheduledFunctionId;
    if (forwarded) return this.backend.syscall(forwarded, { ...args, parent }, call.component);
    throw /^1\.0\/(get|insert|shallowMerge|replace|remove|count)$/.test(op) ? noDatabase() : unsupported(op);
  }

  async js(call: Call, op: string, args: Record<string, unknown>): Promise<unknown> {
    if (op === "storage/storeBlob") {
      const blob = args["blob"] as Blob;
      const options = args["options"] as { sha256?: string } | undefined;
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return this.backend.storeFile(
        { bytes, contentType: blob.type || null },
        call.component,
        options?.sha256,
      );
    }
    if (op === "storage/getBlob") {
      const content = await this.backend.readFile(textOf(args["storageId"]), call.component);
      return content && new Blob([content.bytes as BlobPart], { type: content.contentType ?? "" });
    }
    throw unsupported(op);
  }
}

function noDatabase(): PlatformError {
  return new PlatformError(
    "Actions have no direct access to the database: use ctx.runQuery or ctx.runMutation.",
  );
}
