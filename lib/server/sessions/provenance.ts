import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Provenance } from "#contracts/provenance.ts";
import type { Principal } from "#domain/principal.ts";
import { madeStates, newSkills, skillStates, templateParts } from "#domain/provenance.ts";
import { dataFor } from "../convex/client.ts";
import { templateKey } from "../sandbox/snapshots.ts";

type Pins = NonNullable<FunctionReturnType<typeof api.sessionPins.ofSession>>;

const pricesOf = (prices: Pins["began"]["prices"]) =>
  prices && {
    input_micro_usd: prices.priceInMicroUsd,
    cached_input_micro_usd: prices.priceCachedMicroUsd,
    output_micro_usd: prices.priceOutMicroUsd,
  };

function rulesOf(pins: Pins | null): Provenance["rules"] {
  if (!pins) return { digest: "", count: 0, first: [], state: "same" };
  const { rules, rulesCount, rulesDigest } = pins.began;
  return {
    digest: rulesDigest,
    count: rulesCount,
    first: rules.map(({ pattern, ...rule }) => ({ ...rule, tool_pattern: pattern })),
    state: pins.now.rulesDigest === rulesDigest ? "same" : "changed",
  };
}

const snapshotOf = (snapshot: NonNullable<Pins["made"]>["snapshot"] | undefined) =>
  snapshot
    ? { id: snapshot.buildId, sha256: snapshot.sha256, built_at: new Date(snapshot.builtAt).toISOString() }
    : null;

/** What its first sandbox was made of, and what new ones are. */
function madeOf(pins: Pins | null): Pick<Provenance, "template" | "setup"> {
  if (!pins?.made) return { template: null, setup: null };
  const { made, madeNow } = pins;
  const template = templateKey();
  const states = madeStates(made, madeNow, template);
  const { name, studioVersion } = templateParts(made.template);
  return {
    template: {
      name,
      studio_version: studioVersion,
      versions: made.versions,
      versions_now: states.versionsNow,
      state: states.template,
    },
    setup: {
      snapshot: snapshotOf(made.snapshot),
      snapshot_now: snapshotOf(madeNow?.template === template ? madeNow.snapshot : null),
      state: states.snapshot,
    },
  };
}

/** What a session began with, and what of that is something else by now. @throws HttpError not_found */
export async function provenanceOf(caller: Principal, sessionId: string): Promise<Provenance> {
  const data = dataFor(caller);
  const [session, drift, pins, servers, repositories] = await Promise.all([
    data.query(api.sandboxSessions.get, { sessionId }),
    data.query(api.agentVersions.drift, { sessionId }),
    data.query(api.sessionPins.ofSession, { sessionId }),
    data.query(api.sessionMcp.ofSession, { sessionId }),
    data.query(api.sessionRepositories.list, { sessionId }),
  ]);
  const { began, now } = pins ?? { began: null, now: null };
  return {
    environment: session.environment,
    ...madeOf(pins),
    model: {
      provider: session.provider,
      id: session.model,
      prices: pricesOf(began?.prices ?? null),
      prices_now: pricesOf(now?.prices ?? null),
    },
    agent: drift && {
      id: drift.agentId,
      name: drift.name,
      version: drift.revision,
      newest_version: drift.newest?.revision ?? null,
      changes: drift.changes,
    },
    skills: began && now ? skillStates(began.skills, now.skills) : [],
    skills_added: began && now ? newSkills(began.skills, now.skills) : [],
    rules: rulesOf(pins),
    mcp_servers: servers.map(({ name, digest, toolNames, state }) => ({
      name,
      tools_digest: digest,
      tools: toolNames,
      state,
    })),
    repositories: repositories.map(({ repository, folder, base }) => ({ repository, folder, ...base })),
    repeats: pins?.repeats ?? null,
    pinned_at: pins ? new Date(pins.at).toISOString() : null,
  };
}
