import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MadeMcpServer } from "#tests/mcp-server.ts";
import { broughtBack, MadeOAuthServer, type OAuthOddities } from "#tests/oauth-server.ts";
import { beginSignIn, finishSignIn, refreshGrant, revokeGrant, SignInFailed } from "#server/mcp/sign-in.ts";

/** Signing in to a server of the protocol's, against one that signs people in for it. */

let oauth: MadeOAuthServer;
let server: MadeMcpServer;
beforeAll(async () => {
  oauth = await MadeOAuthServer.start();
  server = await MadeMcpServer.start([]);
  server.oauth = oauth;
});
afterAll(() => {
  server.stop();
  oauth.stop();
});
afterEach(() => {
  oauth.odd = {};
  server.metadataUrl = undefined;
});

const policy = { allowPrivate: true };
const redirectUrl = "http://127.0.0.1:9/settings/mcp";
const begin = async (more: { allowPrivate?: boolean; known?: { client_id: string } } = {}) =>
  await beginSignIn(
    { url: server.url, headers: {} },
    {
      redirectUrl,
      state: "the-state",
      policy: { allowPrivate: more.allowPrivate ?? true },
      ...(more.known && { known: more.known }),
    },
  );
async function signIn() {
  const { authorizationUrl, pending } = await begin();
  const { code, iss } = await broughtBack(authorizationUrl);
  return await finishSignIn(server.url, pending, { code, iss, policy });
}

test("a person signs in with PKCE, for this resource, and the tokens are renewed and revoked", async () => {
  const { authorizationUrl, pending } = await begin();
  const asked = new URL(authorizationUrl).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    state: "the-state",
    code_challenge_method: "S256",
    redirect_uri: redirectUrl,
    resource: server.url,
  });
  expect(asked.get("code_challenge")).not.toBe(pending.verifier);
  const { code, iss, state } = await broughtBack(authorizationUrl);
  expect(state).toBe("the-state");
  const grant = await finishSignIn(server.url, pending, { code, iss, policy });
  expect(oauth.takes(`Bearer ${grant.tokens.access_token}`)).toBe(true);
  const next = await refreshGrant(grant, policy);
  expect(next.tokens.access_token).not.toBe(grant.tokens.access_token);
  // A refresh token counts once.
  await expect(refreshGrant(grant, policy)).rejects.toMatchObject({ isLost: true });
  await revokeGrant(next, policy);
  await expect(refreshGrant(next, policy)).rejects.toMatchObject({ isLost: true });
});

test("a client that is known there is not registered once more", async () => {
  const { client } = await signIn();
  const before = oauth.asked.filter((one) => one === "POST /register").length;
  const { pending } = await begin({ known: client });
  expect(pending.client.client_id).toBe(client.client_id);
  expect(oauth.asked.filter((one) => one === "POST /register")).toHaveLength(before);
});

test("a code counts once, with its own verifier, and from who was asked", async () => {
  const { authorizationUrl, pending } = await begin();
  const { code, iss } = await broughtBack(authorizationUrl);
  const finish = async (more: { verifier?: string; iss?: string; code?: string }) =>
    await finishSignIn(
      server.url,
      { ...pending, ...(more.verifier !== undefined && { verifier: more.verifier }) },
      { code: more.code ?? code, iss: more.iss ?? iss, policy },
    );
  await expect(finish({ iss: "https://another.example" })).rejects.toBeInstanceOf(SignInFailed);
  await expect(finish({ verifier: "v".repeat(50) })).rejects.toMatchObject({ isLost: true });
  await expect(finish({})).rejects.toBeInstanceOf(SignInFailed);
});

const METADATA = "http://169.254.169.254/latest/meta-data";

describe("what lies about itself", () => {
  test.each<[string, OAuthOddities, RegExp]>([
    ["a sign-in at a cloud's metadata", { resource: { authorization_servers: [METADATA] } }, /169\.254/],
    ["a page for the browser there", { metadata: { authorization_endpoint: METADATA } }, /169\.254/],
    ["a registration there", { metadata: { registration_endpoint: METADATA } }, /169\.254/],
    ["a page that is a program", { metadata: { authorization_endpoint: "javascript:alert(1)" } }, /./],
    ["another resource", { resource: { resource: "https://bank.example/mcp" } }, /doesn't fit/],
    ["another issuer", { metadata: { issuer: "https://bank.example" } }, /another one/],
    ["no PKCE", { metadata: { code_challenge_methods_supported: ["plain"] } }, /doesn't fit/],
    ["no registration", { noRegistration: true }, /token as a header|doesn't fit/],
  ])("%s is refused", async (_, odd, words) => {
    oauth.odd = odd;
    await expect(begin()).rejects.toThrow(words);
    await expect(begin()).rejects.toBeInstanceOf(SignInFailed);
  });

  test.each<[string, OAuthOddities]>([
    ["a token that would begin another header", { tokens: { access_token: "a\r\nHost: b" } }],
    ["a token without end", { tokens: { access_token: "a".repeat(100_000) } }],
    ["no token", { tokens: { access_token: undefined } }],
  ])("%s is not kept", async (_, odd) => {
    oauth.odd = odd;
    await expect(signIn()).rejects.toBeInstanceOf(SignInFailed);
  });

  test("tokens are not fetched at a cloud's metadata", async () => {
    oauth.odd = { metadata: { token_endpoint: METADATA } };
    await expect(signIn()).rejects.toBeInstanceOf(SignInFailed);
  });

  test("a description at a cloud's metadata is not looked at", async () => {
    server.metadataUrl = METADATA;
    await expect(begin()).rejects.toThrow(/169\.254/);
  });

  test("private addresses are left alone where the operator has not allowed them", async () => {
    await expect(begin({ allowPrivate: false })).rejects.toBeInstanceOf(SignInFailed);
  });
});
