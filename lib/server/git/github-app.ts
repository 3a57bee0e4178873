import { createPrivateKey } from "node:crypto";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { hashSecret } from "../auth/opaque.ts";
import { cached, cacheOf } from "../cache.ts";
import { refuse } from "../http/refuse.ts";
import { type ClientError, githubOptions } from "./github.ts";
import { ANSWER_MS, refusalOf } from "./host-api.ts";

/** An organization's GitHub App, as it is installed for one account. */
export interface GitHubApp {
  appId: string;
  installationId: string;
  /** PEM. */
  privateKey: string;
  apiUrl: string;
}

/** A token of an installation lasts an hour; one is made in time, so that a long push ends with the one it began with. */
const SPARE_MS = 15 * 60_000;
const MAX_CACHED = 500;

const tokenSchema = z.object({
  token: z.string().min(1).max(1_000),
  expiresAt: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});
interface Token extends z.output<typeof tokenSchema> {
  /** What it was made of, hashed: a key or an installation that another process has changed makes another one. */
  of: string;
}

const tokens = () =>
  cacheOf<Promise<Token>>("github-installations", { max: MAX_CACHED, ttlMs: 60 * 60_000 - SPARE_MS });

const hashOf = ({ apiUrl, appId, installationId, privateKey }: GitHubApp) =>
  hashSecret([apiUrl, appId, installationId, privateKey].join("\n"));

/** A key as the library takes it. @throws HttpError git_app_key where it is none of RSA */
export function pemOf(privateKey: string): string {
  try {
    const key = createPrivateKey(privateKey);
    if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    // Below.
  }
  throw refuse("git_app_key_malformed");
}

/** What GitHub means by refusing an app: https://docs.github.com/en/rest/apps/apps */
function refusedApp(error: ClientError, { appId, installationId, apiUrl }: GitHubApp) {
  const { host } = new URL(apiUrl);
  if (error.status === 401) return refuse("git_app_key", { host, appId });
  if (error.status === 404) return refuse("git_app_not_installed", { host, appId, installationId });
  if (error.status === 403) return refuse("git_app_suspended", { host, installationId });
  return refuse("git_api_refused", {
    host,
    status: error.status ?? 0,
    words: error.message.slice(0, 400),
  });
}

async function make(app: GitHubApp, timeoutMs: number): Promise<Token> {
  const { appId, installationId, apiUrl } = app;
  const privateKey = pemOf(app.privateKey);
  const octokit = new Octokit({
    ...githubOptions(apiUrl, timeoutMs),
    authStrategy: createAppAuth,
    auth: { appId, installationId, privateKey },
  });
  try {
    const made = tokenSchema.parse(await octokit.auth({ type: "installation", refresh: true }));
    return { ...made, of: hashOf(app) };
  } catch (thrown) {
    const known = refusalOf(thrown, new URL(apiUrl).host, timeoutMs);
    if (known) throw known;
    const error = thrown as ClientError;
    throw typeof error.status === "number" ? refusedApp(error, app) : thrown;
  }
}

/**
 * A token of an installation, made with the app's key, and kept until shortly before it expires.
 * @param name under which it is kept
 * @throws HttpError git_failed: the key is wrong, or the app is not installed, or suspended
 */
export async function installationToken(
  name: string,
  app: GitHubApp,
  timeoutMs: number = ANSWER_MS,
): Promise<string> {
  const ask = async () => await cached(tokens(), name, async () => await make(app, timeoutMs));
  const known = await ask();
  // A clock that is not GitHub's, or a token that lasts shorter, or one of before a change.
  const isGood = Date.parse(known.expiresAt) - Date.now() > SPARE_MS / 3 && known.of === hashOf(app);
  if (isGood) return known.token;
  forgetInstallation(name);
  return (await ask()).token;
}

/** Forgets a token, as one that its host no longer takes. */
export const forgetInstallation = (name: string): void => void tokens().delete(name);
