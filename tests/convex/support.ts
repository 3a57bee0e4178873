import { createHash } from "node:crypto";
import type { FunctionArgs, FunctionReference, FunctionReturnType } from "convex/server";
import { convexTest } from "convex-test";
import { vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import schema from "#convex/schema.ts";
import type { Role } from "#domain/roles.ts";

const modules = import.meta.glob("../../convex/**/*.ts");

/** A database of its own, with Studio's functions, and the platform's limits on every transaction. */
export function database() {
  const t = convexTest({ schema, modules, transactionLimits: true });
  return { t, service: t.withIdentity({ kind: "service", subject: "service" }) };
}
export type Database = ReturnType<typeof database>;

/** Whom a server acts for. */
export type Actor = FunctionArgs<typeof api.providerKeys.forSaving>["actor"];
type WithoutActor<F extends FunctionReference<"query" | "mutation">> = Omit<FunctionArgs<F>, "actor">;

/** What a server does for somebody: calls of functions that take an actor. */
export function actingFor(service: Database["service"], actor: Actor) {
  const query = service.query as (fn: unknown, args: object) => Promise<unknown>;
  const mutation = service.mutation as typeof query;
  return {
    query: async <F extends FunctionReference<"query">>(fn: F, args: WithoutActor<F>) =>
      (await query(fn, { ...args, actor })) as FunctionReturnType<F>,
    mutation: async <F extends FunctionReference<"mutation">>(fn: F, args: WithoutActor<F>) =>
      (await mutation(fn, { ...args, actor })) as FunctionReturnType<F>,
  };
}

/** The hash of a secret, as it is stored. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Lets what is scheduled come to pass, for so many rounds of 3 s each. Needs fake timers. */
export async function settle({ t }: Database, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    vi.advanceTimersByTime(3_000);
    await t.finishInProgressScheduledFunctions();
  }
}

/** An organization with one person in it, as the server mirrors them, and that person's calls. */
export async function member(
  { t, service }: Database,
  name: string,
  role: Role = "admin",
  organization = name,
) {
  const ids = await service.mutation(api.identity.mirror, {
    driver: "test",
    user: { externalId: `user-${name}`, name, email: `${name}@studio.example` },
    organization: { externalId: `org-${organization}`, name: organization, slug: organization },
    role,
    assertedAt: Date.now(),
    welcomeMicroUsd: 0,
  });
  const as = t.withIdentity({
    kind: "member",
    subject: `member:${ids.userId}`,
    org: ids.organizationId,
    user: ids.userId,
    role,
  });
  const actor: Actor = { ...ids, role };
  return { ...ids, as, actor, by: actingFor(service, actor) };
}
export type Member = Awaited<ReturnType<typeof member>>;

/** The calls of an API key of an admin's. */
export const byKey = ({ t }: Database, { organizationId, userId }: Member, keyId: string) =>
  t.withIdentity({
    kind: "apiKey",
    subject: `apiKey:${keyId}`,
    org: organizationId,
    user: userId,
    role: "admin",
    key: keyId,
  });

/** Gives an organization credits, once by each key. */
export const grant = async (
  { service }: Database,
  { organizationId }: Pick<Member, "organizationId">,
  amountMicroUsd: number,
  key = "start",
) => await service.mutation(api.credits.grant, { organizationId, key, amountMicroUsd, description: "test" });

/** A session that is ready, whose lease this test holds. */
export async function readySession(
  { service }: Database,
  { by }: Pick<Member, "by">,
  more: { agentId?: string } = {},
  made?: Parameters<typeof makeReady>[2],
) {
  const session = await by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "New session",
    ...more,
  });
  const sessionId = session.id as Id<"sandboxSessions">;
  return { sessionId, generation: await makeReady({ service }, sessionId, made) };
}

/** Has a session that was just made be ready. @returns the generation of the lease, which this test holds */
export async function makeReady(
  { service }: Pick<Database, "service">,
  sessionId: Id<"sandboxSessions">,
  made?: FunctionArgs<typeof api.sandboxSessions.finishProvisioning>["made"],
): Promise<number> {
  const generation = await service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" });
  if (generation === null) throw new Error("the lease of a new session is free");
  await service.mutation(api.sandboxSessions.attachSandbox, {
    sessionId,
    generation,
    sandboxId: "sandbox-1",
  });
  await service.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation,
    agentSessionId: "agent-1",
    acpServerId: "acp-1",
    durationMs: 5,
    ...(made && { made }),
  });
  return generation;
}

/** How an identity driver names a person and their organization. */
export const external = (who: string, organization = who) => ({
  driver: "test",
  userId: `user-${who}`,
  organizationId: `org-${organization}`,
});
