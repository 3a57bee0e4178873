import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { serviceData } from "#server/convex/client.ts";
import { parseKeyring, wrap } from "#server/keys/envelope.ts";
import { deleteProviderKey, saveProviderKey, testProviderKey } from "#server/keys/provider-keys.ts";
import { DataService } from "#tests/data.ts";

let data: DataService;
let caller: Exclude<Principal, { kind: "service" }>;
const PROVIDER = "compatible:next-door";

beforeAll(async () => {
  data = await DataService.start();
  Object.assign(process.env, {
    STUDIO_PUBLIC_URL: "http://localhost:3999",
    STUDIO_AUTH_SECRET: "x".repeat(32),
    STUDIO_DATA_DIR: data.folder,
    STUDIO_SIGNING_KEY: JSON.stringify(data.secrets.signingKey),
    STUDIO_KEK: data.secrets.kek,
    STUDIO_ALLOW_PRIVATE_URLS: "true",
    CONVEX_URL: data.url,
    CONVEX_SITE_URL: data.siteUrl,
    E2B_API_KEY: "unused",
  });
  const ids = await serviceData().mutation(api.identity.mirror, {
    driver: "embedded",
    user: { externalId: "u1", name: "Ada", email: "ada@studio.example" },
    organization: { externalId: "o1", name: "Team", slug: "team" },
    role: "admin",
    assertedAt: Date.now(),
    welcomeMicroUsd: 0,
  });
  caller = { kind: "member", ...ids, role: "admin", name: "Ada" };
});
afterAll(async () => await data?.stop());

const save = async (provider: string) =>
  await saveProviderKey(caller, provider, {
    api_key: "sk-canary-0123456789abcdef",
    // Nobody listens there: the key is stored all the same.
    base_url: "http://127.0.0.1:1/v1",
    models: [{ id: "m", context_tokens: 128_000, output_tokens: 16_384 }],
  });

test("SEC-11: keys that the operator's secret does not open are a problem of their own, until the last is deleted", async () => {
  await save(PROVIDER);
  const [row] = await serviceData().query(api.providerKeys.dataKeysBefore, { kekVersion: 99 });
  if (!row) throw new Error("the organization has a data key");
  const other = parseKeyring(`1:${randomBytes(32).toString("base64")}`);
  const lost = wrap(other, row.organizationId, randomBytes(32));
  await serviceData().mutation(api.providerKeys.rewrap, { id: row.id, before: row.wrapped, ...lost });

  const unreadable = { code: "key_unreadable", message: expect.stringContaining("delete all") as string };
  await expect(save(PROVIDER)).rejects.toMatchObject(unreadable);
  await expect(save("compatible:second")).rejects.toMatchObject(unreadable);
  await expect(testProviderKey(caller, PROVIDER)).rejects.toMatchObject(unreadable);

  await deleteProviderKey(caller, PROVIDER);
  await save(PROVIDER);
  await save("compatible:second");
  expect((await testProviderKey(caller, PROVIDER)).masked).toBe("sk-c…cdef");
  expect(await serviceData().query(api.providerKeys.dataKeysBefore, { kekVersion: 99 })).toHaveLength(1);
});
