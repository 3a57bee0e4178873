import fs from "node:fs";
import http from "node:http";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ADMIN_KEY,
  ISSUER,
  liveClient,
  makeIssuer,
  serve,
  temporaryFolder,
  until,
  type Served,
} from "./support.ts";

/** What clients are told, to the letter, as by a development deployment; and how little in production. */
type Args = Record<string, unknown>;
type Kind = "query" | "mutation" | "action";

const folder = temporaryFolder();
let issuer: Awaited<ReturnType<typeof makeIssuer>>;
let served: Served;
let production: Served;

beforeAll(async () => {
  issuer = await makeIssuer(folder);
  const { envFile } = issuer;
  served = await serve({ data: `${folder}/data`, envFile });
  production = await serve({ data: `${folder}/production`, envFile, extra: ["--production"] });
});
afterAll(async () => {
  await Promise.all([served.stop(), production.stop()]);
  fs.rmSync(folder, { recursive: true });
});

async function post(url: string, kind: Kind, path: string, args: Args, authorization?: string) {
  const response = await fetch(`${url}/api/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
    body: JSON.stringify({ path: `words:${path}`, args }),
  });
  return (await response.json()) as { errorMessage?: string; errorData?: unknown; logLines: string[] };
}
/** The message without the request's id, and with each position in the source as a letter. */
const shown = (message = "") =>
  message.replace(/^\[Request ID: [0-9a-f]{16}\] /, "").replaceAll(/:\d+:\d+\)/g, ":L:C)");

describe("errors", () => {
  const own = "    at handler (../convex-app/words.ts:L:C)\n";
  const cases: [Kind, string, Args, string, unknown?][] = [
    ["query", "throws", {}, `Uncaught Error: thrown here\n${own}`],
    [
      "query",
      "throwsDeep",
      {},
      `Uncaught TypeError: thrown below\n    at deepThrow (../../convex-app/nested/helpers.ts:L:C)\n${own.replace("handler", "async handler")}`,
    ],
    ["query", "throwsText", {}, "Uncaught no error at all"],
    [
      "mutation",
      "mistake",
      {},
      `Uncaught TypeError: Cannot read properties of undefined (reading 'here')\n${own}`,
    ],
    ["mutation", "appError", { data: "text" }, `Uncaught ConvexError: text\n${own}`, "text"],
    ["mutation", "appError", { data: { n: [1] } }, `Uncaught ConvexError: {"n":[1]}\n${own}`, { n: [1] }],
    ["mutation", "appError", { data: null }, `Uncaught ConvexError: null\n${own}`, null],
    [
      "mutation",
      "nested",
      {},
      `Uncaught Error: Uncaught Error: thrown here\n${own}\n${own.replace("handler", "async handler")}`,
    ],
    [
      "action",
      "actionNested",
      { data: { code: 1 } },
      `Uncaught ConvexError: Uncaught ConvexError: {"code":1}\n${own}\n${own.replace("handler", "async handler")}`,
      { code: 1 },
    ],
    [
      "query",
      "throws",
      { a: "b" },
      'ArgumentValidationError: Object contains extra field `a` that is not in the validator.\n\nObject: {a: "b"}\nValidator: v.object({})',
    ],
  ];

  test.each(cases)("of a %s: %s %j", async (kind, path, args, message, data) => {
    const body = await post(served.url, kind, path, args);
    expect(shown(body.errorMessage)).toBe(`Server Error\n${message}`);
    expect(body.errorData).toEqual(data);
  });

  test("name the line and column of the app's own source", async () => {
    const source = fs.readFileSync("tests/fixtures/convex-app/words.ts", "utf8").split("\n");
    const line = source.findIndex((text) => text.includes('new Error("thrown here")'));
    const column = source[line]?.indexOf("new Error");
    const { errorMessage } = await post(served.url, "query", "throws", {});
    expect(errorMessage).toContain(`(../convex-app/words.ts:${line + 1}:${column})`);
  });

  test("of an HTTP action carry its stack", async () => {
    const { message } = (await (await fetch(`${served.siteUrl}/broken`)).json()) as { message: string };
    expect(shown(message)).toBe(
      "Server Error\nUncaught Error: broken on purpose\n    at <anonymous> (../convex-app/http.ts:L:C)\n",
    );
  });

  test("in production say nothing but a ConvexError's data", async () => {
    for (const [kind, path, args, message, data] of cases) {
      const body = await post(production.url, kind, path, args);
      expect(shown(body.errorMessage)).toBe("Server Error");
      expect(body.errorData).toEqual(data);
      const asAdmin = await post(production.url, kind, path, args, `Convex ${ADMIN_KEY}`);
      expect(shown(asAdmin.errorMessage)).toBe(`Server Error\n${message}`);
    }
    const { message } = (await (await fetch(`${production.siteUrl}/broken`)).json()) as { message: string };
    expect(shown(message)).toBe("Server Error");
  });
});

describe("logs", () => {
  const lines = [
    "[LOG] 'text' { a: 1 } [ true ]",
    "[INFO] 1n",
    "[WARN] 'careful'",
    "[ERROR] null",
    "[DEBUG] undefined",
    expect.stringMatching(/^\[INFO\] work: \d+ms$/),
  ];

  test("reach clients, those of a function that fails, too", async () => {
    expect((await post(served.url, "query", "logs", {})).logLines).toEqual(lines);
    expect((await post(served.url, "query", "logs", { fail: true })).logLines).toEqual(lines);
  });

  test("reach live queries", async () => {
    const seen: unknown[] = [];
    const socket = new WebSocket(`${served.url.replace("http", "ws")}/api/1.48.0/sync`);
    socket.addEventListener("message", ({ data }) => seen.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    socket.send(JSON.stringify({ type: "Connect", sessionId: crypto.randomUUID(), connectionCount: 0 }));
    const modifications = [{ type: "Add", queryId: 0, udfPath: "words:logs", args: [{}] }];
    socket.send(JSON.stringify({ type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications }));
    const transition = await until("the result", () =>
      seen.find((message) => (message as { type: string }).type === "Transition"),
    );
    expect(transition).toMatchObject({ modifications: [{ type: "QueryUpdated", logLines: lines }] });
    socket.close();
  });

  test("are cut off after 256 lines", async () => {
    const { logLines } = await post(served.url, "query", "manyLogs", {});
    expect(logLines).toHaveLength(256);
    expect(logLines[254]).toBe("[LOG] 254");
    expect(logLines[255]).toBe("[ERROR] Log overflow (maximum 256). Remaining log lines omitted.");
  });

  test("in production reach the admin alone", async () => {
    expect((await post(production.url, "query", "logs", {})).logLines).toEqual([]);
    const asAdmin = await post(production.url, "query", "logs", {}, `Convex ${ADMIN_KEY}`);
    expect(asAdmin.logLines).toEqual(lines);
  });
});

describe("tokens that are refused", () => {
  const refusal = async (token: string, { url } = served) => {
    const response = await fetch(`${url}/api/query`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ path: "messages:whoami", args: {} }),
    });
    return [response.status, await response.json()];
  };
  const NONE = "No auth provider found matching the given token";

  test("for whom they come from, and for whom they are", async () => {
    const elsewhere = await issuer.sign({}, { issuer: "https://elsewhere.test" });
    const refused = (message: string) => [401, { code: "NoAuthProvider", message }];
    const listed = `${NONE}. Check that your JWT's issuer and audience match one of your configured providers: [CustomJWT(issuer=${ISSUER}, app_id=convex)]`;
    expect(await refusal(elsewhere)).toEqual(refused(listed));
    expect(await refusal(await issuer.sign({}, { audience: "elsewhere" }))).toEqual(refused(listed));
    expect(await refusal(elsewhere, production)).toEqual(refused(NONE));
  });

  test("for what they are", async () => {
    const good = await issuer.sign({});
    const other = await makeIssuer(`${folder}/data`);
    const validity = (reason: string) => [
      401,
      { code: "InvalidAuthHeader", message: `Could not validate token: ${reason}` },
    ];
    const unreadable = [401, { code: "InvalidAuthHeader", message: "Could not parse JWT payload." }];
    expect(await refusal("nonsense")).toEqual(unreadable);
    expect(await refusal("a.b.c")).toEqual(unreadable);
    expect(await refusal(await issuer.sign({}, { expiresIn: "-10s" }))).toEqual(validity("Token expired"));
    expect(await refusal(await issuer.sign({ nbf: Math.floor(Date.now() / 1000) + 60 }))).toEqual(
      validity("Token not yet valid"),
    );
    expect(await refusal(await other.sign({}))).toEqual(validity("Invalid signature"));
    expect(await refusal(`${good.slice(0, -6)}AAAAAA`)).toEqual(validity("Invalid signature"));
  });

  test("because nobody is trusted, or whom to trust cannot be learned", async () => {
    const dir = `${folder}/trusting`;
    fs.mkdirSync(dir);
    const answers: Record<string, [number, string]> = {
      "/down/.well-known/openid-configuration": [503, "later"],
      "/empty": [200, "{}"],
    };
    const provider = http.createServer((request, response) => {
      const [status, text] = answers[request.url ?? ""] ?? [404, "nothing"];
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    });
    await new Promise<void>((resolve) => {
      provider.listen(0, "127.0.0.1", resolve);
    });
    const address = provider.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    fs.copyFileSync("tests/fixtures/convex-app/functions.ts", `${dir}/functions.ts`);
    fs.writeFileSync(
      `${dir}/messages.ts`,
      'import { query } from "./functions.ts"; export const whoami = query({ args: {}, handler: async () => 1 });',
    );
    const custom = (jwks: string, name: string) =>
      `{ type: "customJwt", issuer: "${url}/${name}", jwks: "${jwks}", algorithm: "ES256" }`;
    const files = [
      `{ domain: "${url}/down", applicationID: "convex" }`,
      custom(`${url}/gone`, "gone"),
      custom(`${url}/empty`, "empty"),
    ];
    fs.writeFileSync(`${dir}/auth.config.ts`, `export default { providers: [${files.join(", ")}] };`);
    const trusting = await serve({ data: `${folder}/trusting-data`, dir });
    const from = async (name: string) =>
      refusal(await issuer.sign({}, { issuer: `${url}/${name}` }), trusting);
    expect(await from("down")).toEqual([
      400,
      {
        code: "AuthProviderDiscoveryFailed",
        message: `Auth provider discovery of ${url}/down failed: 503 Service Unavailable later`,
      },
    ]);
    expect(await from("gone")).toEqual([
      401,
      {
        code: "InvalidAuthHeader",
        message: `Could not fetch JWKS from URL '${url}/gone': 404 Not Found. Check that the URL is correct and accessible.`,
      },
    ]);
    expect(await from("empty")).toEqual([
      401,
      { code: "InvalidAuthHeader", message: "Invalid auth jwks response body" },
    ]);
    await trusting.stop();
    fs.rmSync(`${dir}/auth.config.ts`);
    const trustless = await serve({ data: `${folder}/trusting-data`, dir });
    expect(await refusal(await issuer.sign({}), trustless)).toEqual([
      401,
      { code: "NoAuthProvider", message: `${NONE} (no providers configured). Check convex/auth.config.ts.` },
    ]);
    await trustless.stop();
    provider.close();
  });

  test("do not keep an HTTP action from reading its own Authorization header", async () => {
    for (const authorization of ["Bearer not-ours", "Basic YTpi", "Convex wrong"]) {
      const init = { method: "POST", body: "x", headers: { authorization } };
      const response = await fetch(`${served.siteUrl}/echo`, init);
      expect(await response.json()).toMatchObject({ body: "x", who: null });
    }
  });
});

describe("ids", () => {
  const get = (name: string) => makeFunctionReference<"query", { id: string }>(name);

  test("that are none, or another table's, are refused by name", async () => {
    const client = new ConvexHttpClient(served.url, { logger: false });
    const send = makeFunctionReference<"mutation", Args, string>("messages:send");
    const id = await client.mutation(send, { channel: "ids", body: "x", seq: 1 });
    const refused = async (name: string, given: string) =>
      shown(
        await client.query(get(`words:${name}`), { id: given }).then(String, (error: Error) => error.message),
      );
    expect(await refused("document", "nonsense")).toContain(
      "Uncaught Error: Invalid argument `id` for `db.get`: Unable to decode ID: Invalid ID length 8",
    );
    expect(await refused("document", "!".repeat(32))).toContain(
      "Unable to decode ID: ID wasn't valid base32",
    );
    expect(await refused("fileUrl", "nonsense")).toContain(
      "Invalid argument `storageId` for `storage.getUrl`: Invalid storage ID: \"nonsense\". Storage ID should be an Id of '_storage' table, or a UUID string.",
    );
    expect(await refused("fileUrl", id)).toContain(
      "Invalid storage ID. Storage ID cannot be an ID on any table other than '_storage'.",
    );
  });

  test("of scheduled functions: one that cancels itself ends canceled, and so does what it schedules then", async () => {
    const client = liveClient(served.url);
    const start = makeFunctionReference<"mutation", { kind: string }>("words:cancelsItself");
    const states = makeFunctionReference<"query", Record<string, never>, Record<string, string>>(
      "words:states",
    );
    await client.mutation(start, { kind: "mutation" });
    await client.mutation(start, { kind: "action" });
    await until("both to have ended", async () => {
      const all = await client.query(states, {});
      const values = Object.values(all);
      return values.length === 4 && values.every((state) => state === "canceled") ? true : undefined;
    });
    await client.close();
  });
});
