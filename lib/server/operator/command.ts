import { randomUUID } from "node:crypto";
import os from "node:os";
import { parseArgs } from "node:util";
import { api } from "#convex/_generated/api.js";
import { LIVE_STATUSES } from "#domain/lifecycle.ts";
import { visible } from "#domain/visible.ts";
import { markOperator, unmarkOperator } from "../auth/operators.ts";
import { typedDollars } from "../billing/typed-dollars.ts";
import { serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { persistently } from "../convex/retry.ts";
import { stopForOperator } from "../sessions/stop-session.ts";
import { liveSessions, operatorAudit, organizations, supportLog, supportSessions } from "./console.ts";

// `npm run operator -- …`: what the operator's console does, on the machine itself.
const USAGE = `npm run operator -- <command>
  add <address>, remove <address>            whose account may open the console (embedded sign-in)
  organizations [name, slug, or a member's address]
  sessions <organization>
  read <organization> [session]              its sessions (--archived: those of the archive), or one's log;
                                             only while it grants support access
  audit [id of an organization]
  freeze <organization> --reason "why"       stops it; nothing is lost
  thaw <organization> --reason "why"
  credit <organization> <US dollars> --reason "why"    such as 25 or 2.50; with --take they are taken back
  end <session> --reason "why"
An organization is named by its slug or its id. Lists have --limit and --cursor.`;
const PATIENCE_MS = 10_000;

class Misused extends Error {}

const dollars = (microUsd: number) => `$${(microUsd / 1e6).toFixed(2)}`;

/** An amount in US dollars as micro-USD. */
function microUsdOf(text = ""): number {
  const amount = typedDollars(text);
  if (!amount) throw new Misused(`“${text}” is no amount.`);
  return amount;
}

const PARSED = {
  options: {
    reason: { type: "string", default: "" },
    take: { type: "boolean", default: false },
    archived: { type: "boolean", default: false },
    limit: { type: "string", default: "25" },
    cursor: { type: "string" },
  },
  allowPositionals: true,
} as const;

function readArguments() {
  try {
    return parseArgs(PARSED);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return process.exit(2);
  }
}

const { values, positionals } = readArguments();
const [command = "", subject = "", second, ...more] = positionals;
const page = { limit: Number(values.limit), cursor: values.cursor };
/** Who it was on the machine is what its own login says. */
const operator = { by: `npm run operator (${os.userInfo().username})`, via: "cli" as const };

function named(what: string): string {
  if (subject === "") throw new Misused(`Name ${what}.`);
  return subject;
}

function because(): string {
  if (values.reason.trim() === "")
    throw new Misused("Give a reason: it is kept in the audit, and the organization sees it.");
  return values.reason;
}

/** An act is told to Convex until it answers: each can be told again without harm. */
const act = async <T>(work: () => Promise<T>): Promise<T> =>
  await persistently("operator", PATIENCE_MS, work);

/** A line of a list. Anybody may have written what is in it: nothing of that moves the cursor, or begins a line. */
const line = (...parts: (string | number)[]) =>
  console.log(visible(parts.join("  ")).replaceAll(/[\t\n\r]+/g, " "));

const tellNext = (cursor: string | null) => cursor !== null && console.log(`More with --cursor '${cursor}'`);

const COMMANDS: Record<string, () => Promise<void> | void> = {
  add: () => {
    markOperator(named("an address"));
    console.log(`${subject} may open the console, if STUDIO_OPERATORS has the address too.`);
  },
  remove: () => {
    console.log(unmarkOperator(named("an address")) ? "Removed." : "It was no operator's.");
  },
  organizations: async () => {
    const found = await organizations(page, subject);
    for (const one of found.organizations)
      line(
        one.slug,
        one.name,
        `${one.live.count} live, ${dollars(one.spentThisMonthMicroUsd)} this month, balance ${dollars(one.balanceMicroUsd)}${one.frozen ? `, frozen: ${one.frozen.reason}` : ""}`,
      );
    tellNext(found.nextCursor);
  },
  sessions: async () => {
    const organization = named("an organization");
    for (const status of LIVE_STATUSES) {
      const found = await liveSessions(organization, status, page);
      for (const { id, cause, costMicroUsd } of found.sessions)
        line(id, status, cause, dollars(costMicroUsd));
      tellNext(found.nextCursor);
    }
  },
  read: async () => {
    const organization = named("an organization");
    if (second !== undefined) {
      const found = await supportLog(operator, organization, second, {
        limit: page.limit,
        cursor: Number(page.cursor ?? 0),
      });
      for (const { seq, ts, type, payload } of found.events) line(seq, ts, type, JSON.stringify(payload));
      tellNext(found.next_cursor);
      return;
    }
    const found = await supportSessions(operator, organization, { ...page, archived: values.archived });
    for (const { id, status, title } of found.sessions) line(id, status, title);
    tellNext(found.nextCursor);
  },
  audit: async () => {
    const found = await operatorAudit(page, subject === "" ? undefined : subject);
    for (const { at, by, action, slug, target, reason, amountMicroUsd } of found.entries)
      line(
        new Date(at).toISOString(),
        by,
        action,
        slug,
        target ?? "",
        amountMicroUsd === null ? "" : dollars(amountMicroUsd),
        reason,
      );
    tellNext(found.nextCursor);
  },
  freeze: async () => {
    const args = { operator, organization: named("an organization"), reason: because() };
    const { name } = await serviceData().mutation(api.freezes.freeze, args);
    console.log(`${name} is frozen. Its live sessions are saved and stopped.`);
  },
  thaw: async () => {
    const args = { operator, organization: named("an organization"), reason: because() };
    const { name } = await serviceData().mutation(api.freezes.thaw, args);
    console.log(`${name} can go on.`);
  },
  credit: async () => {
    const args = {
      operator,
      organization: named("an organization"),
      amountMicroUsd: values.take ? -microUsdOf(second) : microUsdOf(second),
      reason: because(),
      key: `operator:${randomUUID()}`,
    };
    const done = await act(async () => await serviceData().mutation(api.credits.adjust, args));
    console.log(`The balance of ${done.name} is ${dollars(done.balanceMicroUsd)}.`);
  },
  end: async () => {
    await stopForOperator(operator, named("a session"), because());
    console.log("Its work is saved, and it is ended.");
  },
};

/** Commands whose second argument counts. */
const TAKE_TWO = new Set(["credit", "read"]);

try {
  const run = COMMANDS[command];
  if (!run || more.length > 0 || (second !== undefined && !TAKE_TWO.has(command))) throw new Misused("");
  await run();
} catch (error) {
  if (error instanceof Misused) {
    console.error(`${error.message}\n${USAGE}`.trim());
    process.exit(2);
  }
  console.error(refusalOf(error)?.message ?? (error instanceof Error ? error.message : String(error)));
  process.exit(1);
}
