import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { GitHostKind } from "#domain/git.ts";

/** What a webhook says of itself before its body is read. */
interface Signed {
  headers: Headers;
  body: Buffer;
  secret: string;
}

const MAX_NAME_CHARS = 200;

const sameBytes = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

/** Compares what is not of a length that anybody may know, too, in constant time. */
const sameSecret = (given: string, known: string) =>
  sameBytes(createHash("sha256").update(given).digest(), createHash("sha256").update(known).digest());

const hmacOf = ({ body, secret }: Signed) => createHmac("sha256", secret).update(body).digest();

/** Whether a header is the body's HMAC-SHA256 in hexadecimal, with `prefix` before it. */
function isSigned(signed: Signed, header: string, prefix: string): boolean {
  const given = signed.headers.get(header) ?? "";
  const hex = given.startsWith(prefix) ? given.slice(prefix.length) : "";
  return /^[0-9a-f]{64}$/i.test(hex) && sameBytes(Buffer.from(hex, "hex"), hmacOf(signed));
}

/** How far a signed moment may be from this server's, in milliseconds: as the specification has it. */
const TOLERANCE_MS = 300_000;
const MAX_SIGNATURES = 10;

/**
 * Whether the headers of Standard Webhooks (https://www.standardwebhooks.com) sign a name, a moment and the body: what
 * GitLab sends where the secret stands in its field for a signing token, whose key is the bytes that it stands for.
 */
function isStandardSigned({ headers, body, secret }: Signed): boolean {
  const [id = "", at = "", given = ""] = ["id", "timestamp", "signature"].map(
    (name) => headers.get(`webhook-${name}`) ?? "",
  );
  if (id === "" || id.length > MAX_NAME_CHARS || !/^\d{1,12}$/.test(at)) return false;
  if (Math.abs(Date.now() - Number(at) * 1_000) > TOLERANCE_MS) return false;
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : secret;
  const wanted = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest();
  return given
    .split(" ", MAX_SIGNATURES)
    .some((one) => one.startsWith("v1,") && sameBytes(Buffer.from(one.slice(3), "base64"), wanted));
}

/**
 * How each host proves that a webhook is its own, and names it:
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries,
 * https://docs.gitlab.com/user/project/integrations/webhooks, https://docs.gitea.com/usage/webhooks,
 * https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks
 */
interface Hook {
  isGenuine: (signed: Signed) => boolean;
  /** Headers that name it, the first that is there. */
  delivery: readonly string[];
}
const GITHUB: Hook = {
  isGenuine: (signed) => isSigned(signed, "x-hub-signature-256", "sha256="),
  delivery: ["x-github-delivery"],
};
const HOOKS: Record<GitHostKind, Hook> = {
  github: GITHUB,
  github_app: GITHUB,
  gitlab: {
    isGenuine: (signed) =>
      isStandardSigned(signed) || sameSecret(signed.headers.get("x-gitlab-token") ?? "", signed.secret),
    // Its own name of an event is the same of all that the event brings about.
    delivery: ["webhook-id", "idempotency-key"],
  },
  gitea: {
    isGenuine: (signed) =>
      isSigned(signed, "x-gitea-signature", "") || isSigned(signed, "x-forgejo-signature", ""),
    delivery: ["x-gitea-delivery"],
  },
  bitbucket: {
    isGenuine: (signed) => isSigned(signed, "x-hub-signature", "sha256="),
    delivery: ["x-request-uuid"],
  },
};

/** Whether a webhook comes from somebody who has the secret. */
export const isGenuine = (kind: GitHostKind, signed: Signed): boolean => HOOKS[kind].isGenuine(signed);

/**
 * Names of a delivery: the host's own, and one by what it says, since the host's is in few signatures. Hosts put the moment
 * into what they say, so that two events are not the same.
 */
export function deliveryKeys(kind: GitHostKind, headers: Headers, body: Buffer): string[] {
  const named = HOOKS[kind].delivery.map((header) => headers.get(header)).find((one) => one !== null);
  const id = named?.slice(0, MAX_NAME_CHARS);
  const hash = createHash("sha256").update(body).digest("hex");
  return [...(id ? [`id:${id}`] : []), `sha256:${hash}`];
}

const number = z.number().int().positive();
const name = z.string().min(1).max(500);
/** Whatever has this form counts, and the rest is passed over. */
const maybe = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined);
const numbered = maybe(z.object({ number }));
const requests = maybe(z.object({ pull_requests: z.array(z.object({ number })).max(100) }));

/** What is read of any host's webhook: which repository, and which pull requests or branches of it. */
const payloadSchema = z.object({
  // GitHub, Gitea, Bitbucket; GitLab.
  repository: maybe(z.object({ full_name: name })),
  project: maybe(z.object({ path_with_namespace: name })),
  // GitHub and Gitea: of a pull request, of a comment on it, of its checks; of a status.
  pull_request: numbered,
  issue: numbered,
  check_run: requests,
  check_suite: requests,
  branches: maybe(z.array(z.object({ name })).max(100)),
  // GitLab: of a merge request or a pipeline, and of a comment.
  object_kind: maybe(name),
  object_attributes: maybe(z.object({ iid: maybe(number), ref: maybe(name) })),
  merge_request: maybe(z.object({ iid: number })),
  // Bitbucket.
  pullrequest: maybe(z.object({ id: number })),
  commit_status: maybe(z.object({ refname: name })),
  // A push, of any but Bitbucket.
  ref: maybe(name),
});

/** What a webhook is about. */
export interface HookSubject {
  repository: string;
  numbers: number[];
  branches: string[];
}

/** Reads it. @returns null where it names no repository, or is no JSON */
export function subjectOf(body: Buffer): HookSubject | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
  const read = payloadSchema.safeParse(parsed);
  if (!read.success) return null;
  const said = read.data;
  const repository = said.repository?.full_name ?? said.project?.path_with_namespace;
  if (repository === undefined) return null;
  const ofRequest = said.object_kind === "merge_request" ? said.object_attributes?.iid : undefined;
  const numbers = [
    said.pull_request?.number,
    said.issue?.number,
    ...[said.check_run, said.check_suite].flatMap(
      (one) => one?.pull_requests.map((pull) => pull.number) ?? [],
    ),
    ofRequest,
    said.merge_request?.iid,
    said.pullrequest?.id,
  ].filter((one) => one !== undefined);
  const branches = [
    ...(said.branches?.map((branch) => branch.name) ?? []),
    said.object_attributes?.ref,
    said.commit_status?.refname,
    said.ref,
  ]
    .filter((one) => one !== undefined)
    .map((ref) => ref.replace(/^refs\/heads\//, "").slice(0, MAX_NAME_CHARS));
  return {
    repository: repository.slice(0, MAX_NAME_CHARS),
    numbers: [...new Set(numbers)].slice(0, 10),
    branches: [...new Set(branches)].slice(0, 10),
  };
}
