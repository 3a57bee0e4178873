import { type Need, needOf, obstacleFor } from "#domain/approvers.ts";
import type { BudgetScope } from "#domain/notifications.ts";
import { NOTIFICATION_LIMITS } from "#domain/notifications.ts";
import { type Role, roleAtLeast } from "#domain/roles.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";

/** Members who are looked at to find those that something concerns. */
const LOOKED_AT = 200;

type Session = Doc<"sandboxSessions">;
type Run = Doc<"runs"> | null | undefined;
type People = Id<"users">[];

async function roleOf(
  { db }: MutationCtx,
  organizationId: Id<"organizations">,
  userId: Id<"users">,
): Promise<Role | null> {
  const member = await db
    .query("members")
    .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
    .unique();
  return member?.role ?? null;
}

async function membersWho(
  { db }: MutationCtx,
  organizationId: Id<"organizations">,
  may: (role: Role, userId: Id<"users">) => boolean,
): Promise<People> {
  const members = await takeUpTo(
    db.query("members").withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId)),
    { rows: LOOKED_AT },
  );
  return members
    .filter(({ role, userId }) => may(role, userId))
    .slice(0, NOTIFICATION_LIMITS.recipients)
    .map(({ userId }) => userId);
}

/** Those of some people who are members still, each once, and whose role allows it. */
async function thoseWho(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  people: readonly (Id<"users"> | undefined)[],
  may: (role: Role, userId: Id<"users">) => boolean = () => true,
): Promise<People> {
  const found: People = [];
  for (const userId of new Set(people)) {
    const role = userId && (await roleOf(ctx, organizationId, userId));
    if (role && may(role, userId)) found.push(userId);
  }
  return found;
}

/**
 * Who is told of what waits for an answer: of those who started the session, sent the run's message, or want to be told
 * of all sessions, each who may answer it now. Where none of them may, everybody who may: else nobody would come.
 * @param asked `need`: what it takes to answer; `now`: epoch milliseconds
 */
export async function whoMayAnswer(
  ctx: MutationCtx,
  session: Session,
  run: Run,
  { need, now }: { need: Need; now: number },
): Promise<People> {
  const { organizationId } = session;
  const request = { askedById: run?.userId ?? null, requestedAt: now };
  const may = (role: Role, userId: Id<"users">) => obstacleFor(need, { role, userId }, request, now) === null;
  const ofAll = await takeUpTo(
    ctx.db
      .query("notificationChoices")
      .withIndex("by_all", (q) => q.eq("organizationId", organizationId).eq("allSessions", true)),
    // Also those are among them who may not answer: they must crowd nobody out.
    { rows: LOOKED_AT },
  );
  const following = [session.userId, run?.userId, ...ofAll.map(({ userId }) => userId)];
  const told = await thoseWho(ctx, organizationId, following, may);
  return told.length > 0 ? told : await membersWho(ctx, organizationId, may);
}

/** What it takes to answer a question: to work in the session's environment. */
export const needOfQuestion = ({ environment }: Session): Need => needOf([], environment, []);

/** Who is told of a run's end: who sent its message. Nobody waits for what an API key or Studio itself has started. */
export async function whoSent(ctx: MutationCtx, run: Doc<"runs">, failed: boolean): Promise<People> {
  if (run.isUnattended === true && !failed) return [];
  return await thoseWho(ctx, run.organizationId, [run.userId]);
}

/** Whose limit it is: of a session's or a run's cap nothing but the scope. */
export interface LimitOf {
  scope: BudgetScope;
  subjectId?: string;
}

/** Who is told of a limit: of a monthly one the admins and those whose it is, of a cap those who work in the session. */
export async function whoPays(
  ctx: MutationCtx,
  session: Session,
  run: Run,
  { scope, subjectId }: LimitOf,
): Promise<People> {
  const { organizationId } = session;
  const isMember = (role: Role) => roleAtLeast(role, "member");
  const here = [session.userId, run?.userId];
  if (scope === "session" || scope === "run") return await thoseWho(ctx, organizationId, here, isMember);
  const admins = await membersWho(ctx, organizationId, (role) => roleAtLeast(role, "admin"));
  const own = scope === "organization" || scope === "agent" ? here : [await ownerOf(ctx, scope, subjectId)];
  return [...new Set([...(await thoseWho(ctx, organizationId, own, isMember)), ...admins])];
}

async function ownerOf(
  { db }: MutationCtx,
  scope: "member" | "api_key",
  subjectId = "",
): Promise<Id<"users"> | undefined> {
  if (scope === "member") return db.normalizeId("users", subjectId) ?? undefined;
  const keyId = db.normalizeId("apiKeys", subjectId);
  return (keyId && (await db.get(keyId))?.userId) ?? undefined;
}
