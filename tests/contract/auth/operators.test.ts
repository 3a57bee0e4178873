import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { ROUTES, type RouteName } from "#contracts/routes.ts";
import { authDatabase } from "#server/auth/database.ts";
import { embeddedHandler } from "#server/auth/embedded.ts";
import { markOperator, operatorOf, unmarkOperator } from "#server/auth/operators.ts";
import { DataService } from "#tests/data.ts";
import { GET as audit } from "../../../app/api/operator/audit/route.ts";
import { POST as credit } from "../../../app/api/operator/organizations/[organization]/credit/route.ts";
import { POST as freeze } from "../../../app/api/operator/organizations/[organization]/freeze/route.ts";
import { GET as organization } from "../../../app/api/operator/organizations/[organization]/route.ts";
import { GET as sessions } from "../../../app/api/operator/organizations/[organization]/sessions/route.ts";
import { GET as supportLog } from "../../../app/api/operator/organizations/[organization]/support/sessions/[id]/events/route.ts";
import { GET as supportSessions } from "../../../app/api/operator/organizations/[organization]/support/sessions/route.ts";
import { POST as thaw } from "../../../app/api/operator/organizations/[organization]/thaw/route.ts";
import { GET as organizations } from "../../../app/api/operator/organizations/route.ts";
import { GET as overview } from "../../../app/api/operator/overview/route.ts";
import { POST as end } from "../../../app/api/operator/sessions/[id]/end/route.ts";

const ORIGIN = "http://localhost:3998";
const ADDRESS = "op@studio.example";
let data: DataService;

beforeAll(async () => {
  data = await DataService.start();
  Object.assign(process.env, {
    ...data.environment(ORIGIN),
    STUDIO_EMBEDDED_AUTH_PUBLIC: "",
    STUDIO_OPERATORS: ` Op@studio.example ,other@studio.example`,
  });
});
afterAll(async () => await data?.stop());

let visitors = 0;
/** Somebody who has just signed up with an address, in an organization of their own. @returns their cookies */
async function signUp(email: string): Promise<string> {
  visitors += 1;
  let cookie = "";
  const post = async (route: string, body: object) => {
    const response = await embeddedHandler(
      new Request(`${ORIGIN}/api/auth${route}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin: ORIGIN,
          cookie,
          "x-studio-client-address": `192.0.2.${visitors}`,
        },
        body: JSON.stringify(body),
      }),
    );
    expect(response.status).toBe(200);
    const set = response.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
    if (set.length > 0) cookie = set.join("; ");
  };
  await post("/sign-up/email", { email, name: "Visitor", password: "a long enough password" });
  const slug = `org-${randomBytes(5).toString("hex")}`;
  await post("/organization/create", { name: slug, slug });
  return cookie;
}
const operator = async (cookie: string, more: Record<string, string> = {}) =>
  await operatorOf(new Headers({ cookie, ...more }));

type OperatorName = Extract<RouteName, `${string} /api/operator/${string}`>;
type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;
const HANDLERS: Record<OperatorName, Handler> = {
  "GET /api/operator/overview": overview,
  "GET /api/operator/organizations": organizations,
  "GET /api/operator/organizations/{organization}": organization,
  "GET /api/operator/organizations/{organization}/sessions": sessions,
  "GET /api/operator/organizations/{organization}/support/sessions": supportSessions,
  "GET /api/operator/organizations/{organization}/support/sessions/{id}/events": supportLog,
  "POST /api/operator/organizations/{organization}/freeze": freeze,
  "POST /api/operator/organizations/{organization}/thaw": thaw,
  "POST /api/operator/organizations/{organization}/credit": credit,
  "POST /api/operator/sessions/{id}/end": end,
  "GET /api/operator/audit": audit,
};

/** Calls a route; `slug` stands for every name in its path. */
async function call(name: OperatorName, headers: Record<string, string>, slug: string, body?: object) {
  const [method = "", path = ""] = name.split(" ");
  const request = new Request(`${ORIGIN}${path.replaceAll(/\{\w+\}/g, slug)}`, {
    method,
    headers: { "content-type": "application/json", origin: ORIGIN, ...headers },
    ...(method === "POST" && { body: JSON.stringify(body ?? {}) }),
  });
  const response = await HANDLERS[name](request, {
    params: Promise.resolve({ organization: slug, id: slug }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? null : (JSON.parse(text) as Record<string, unknown>),
  };
}

describe("an operator", () => {
  test("is nobody who has only signed up with the address, not even as the first", async () => {
    const squatter = await signUp(ADDRESS);
    expect(await operator(squatter)).toBeNull();
  });

  test("is the account that was marked on the machine, if its address is in the settings too", async () => {
    expect(() => markOperator("nobody@studio.example")).toThrow("Nobody signs in");
    const other = await signUp("other@studio.example");
    const stranger = await signUp("stranger@studio.example");
    markOperator("Other@studio.example");
    markOperator("stranger@studio.example");
    expect(await operator(other)).toEqual({ by: "other@studio.example", via: "page" });
    expect(await operator(stranger)).toBeNull();
    // A key is never one, with or without the cookie.
    expect(await operator(other, { authorization: "Bearer sk_studio_x" })).toBeNull();
    expect(unmarkOperator("other@studio.example")).toBe(true);
    expect(await operator(other)).toBeNull();
  });

  test("is not who takes the address once the marked account is gone", async () => {
    markOperator("other@studio.example");
    authDatabase().prepare("DELETE FROM user WHERE email = ?").run("other@studio.example");
    const next = await signUp("other@studio.example");
    expect(await operator(next)).toBeNull();
  });
});

describe("the console's routes", () => {
  test("are all here, and declared for operators", () => {
    const declared = Object.entries(ROUTES).filter(([, { access }]) => access === "operator");
    expect(declared.map(([name]) => name).toSorted()).toEqual(Object.keys(HANDLERS).toSorted());
  });

  test.for(Object.keys(HANDLERS) as OperatorName[])("%s is not there for anybody else", async (name) => {
    const member = await signUp(`m${randomBytes(4).toString("hex")}@studio.example`);
    for (const headers of [{}, { cookie: member }, { authorization: "Bearer sk_studio_wrong" }] as Record<
      string,
      string
    >[])
      expect(await call(name, headers, "x")).toMatchObject({
        status: 404,
        body: { kind: "address_unknown", code: "not_found" },
      });
  });

  test("freeze, adjust, and tell of it; never for another site's page", async () => {
    markOperator(ADDRESS);
    const signedUp = await signUp(`p${randomBytes(4).toString("hex")}@studio.example`);
    const cookie = await signIn();
    const reason = "A test";
    // The organization is mirrored once its member comes.
    const { memberOf, signedIn } = await import("#server/auth/principal.ts");
    const who = await signedIn(new Headers({ cookie: signedUp }));
    const { organizationId } = (await memberOf(who))!;
    const at = "POST /api/operator/organizations/{organization}/freeze";
    expect(
      await call(at, { cookie, origin: "https://evil.example" }, organizationId, { reason }),
    ).toMatchObject({
      status: 404,
    });
    expect(await call(at, { cookie }, organizationId, {})).toMatchObject({ status: 400 });
    expect(await call(at, { cookie }, organizationId, { reason })).toMatchObject({ status: 200 });
    expect(await call(at, { cookie }, organizationId, { reason })).toMatchObject({
      status: 409,
      body: { kind: "organization_already_frozen" },
    });
    const adjusted = await call(
      "POST /api/operator/organizations/{organization}/credit",
      { cookie },
      organizationId,
      { reason, amountMicroUsd: -1_000, key: "k" },
    );
    expect(adjusted).toMatchObject({ status: 200, body: { balanceMicroUsd: -1_000 } });
    expect(
      await call("POST /api/operator/organizations/{organization}/thaw", { cookie }, organizationId, {
        reason,
      }),
    ).toMatchObject({ status: 200 });
    expect(await call("POST /api/operator/sessions/{id}/end", { cookie }, "none", { reason })).toMatchObject({
      status: 404,
      body: { kind: "session_not_found" },
    });
    const list = "GET /api/operator/organizations/{organization}/support/sessions";
    const log = `${list}/{id}/events` as const;
    const refused = { status: 403, body: { kind: "support_access_missing" } };
    expect(await call(list, { cookie }, organizationId)).toMatchObject(refused);
    expect(await call(log, { cookie }, organizationId)).toMatchObject(refused);
    const told = await call("GET /api/operator/audit", { cookie }, "");
    expect(told.body?.entries).toMatchObject([
      { action: "thaw", by: ADDRESS, reason },
      { action: "credit", amountMicroUsd: -1_000 },
      { action: "freeze", organization: organizationId },
    ]);
    const { dataFor } = await import("#server/convex/client.ts");
    const admin = dataFor((await memberOf(who))!);
    await admin.mutation(api.supportAccess.grant, { hours: 1, reason: "A ticket" });
    expect(await call(log, { cookie }, organizationId)).toMatchObject({
      status: 404,
      body: { kind: "session_not_found" },
    });
    expect(await call(list, { cookie }, organizationId)).toMatchObject({
      status: 200,
      body: { sessions: [], nextCursor: null },
    });
    await admin.mutation(api.supportAccess.end, {});
    expect(await call(list, { cookie }, organizationId)).toMatchObject(refused);
    for (const name of [
      "GET /api/operator/overview",
      "GET /api/operator/organizations",
      "GET /api/operator/organizations/{organization}",
      "GET /api/operator/organizations/{organization}/sessions",
    ] as const)
      expect(await call(name, { cookie }, organizationId), name).toMatchObject({ status: 200 });
  });
});

/** The operator's own sign-in: the account of the first test. */
async function signIn(): Promise<string> {
  const response = await embeddedHandler(
    new Request(`${ORIGIN}/api/auth/sign-in/email`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: ORIGIN,
        "x-studio-client-address": "192.0.2.250",
      },
      body: JSON.stringify({ email: ADDRESS, password: "a long enough password" }),
    }),
  );
  expect(response.status).toBe(200);
  return response.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
}
