"use client";

import Link from "next/link";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { readProvenance, type SessionProvenance } from "#client/sandbox.ts";
import { plural } from "#domain/plural.ts";
import { useBranching } from "../session/branching.tsx";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";

const STATES = { same: "", changed: "changed since", gone: "gone since" };

/** A piece, and how it stands now where that is another way. */
function Piece({ name, detail, state }: { name: string; detail: string; state: keyof typeof STATES }) {
  return (
    <li>
      {name} <span className="fact text-ink-3">{detail}</span>
      {state !== "same" && <span className="text-warning"> {STATES[state]}</span>}
    </li>
  );
}

/** What the session began with, and what of that is something else by now. */
export function ProvenanceSection() {
  const { session } = useOpened();
  const branching = useBranching();
  const found = useResource(["provenance", session.id], async () => await readProvenance(session.id));
  return (
    <section aria-label="What it began with" className="mt-3 border-t border-line pt-3">
      <Loaded
        resource={found}
        loading={<Loading>Loading what it began with</Loading>}
        failed="Couldn't load what it began with"
      >
        {(provenance) => <Pieces {...provenance} />}
      </Loaded>
      {branching && (
        <Button size="sm" className="mt-2" onClick={branching.repeat}>
          Repeat with exactly these
        </Button>
      )}
    </section>
  );
}

/** What is not as it was, beside it. */
const Since = ({ children }: { children: string }) => <span className="text-warning"> {children}</span>;

/** The versions of a template's programs, each with the present one where that is another. */
function Template({ template }: { template: NonNullable<SessionProvenance["template"]> }) {
  const { name, studio_version, versions, versions_now: now, state } = template;
  return (
    <Fact name="Template">
      {name} <span className="fact text-ink-3">Studio {studio_version}</span>
      {state === "changed" && <Since>changed since</Since>}
      {versions && (
        <ul>
          {Object.entries(versions).map(([program, version]) => (
            <li key={program}>
              {program} <span className="fact text-ink-3">{version}</span>
              {now && now[program] !== version && <Since>{now[program] ?? "removed since"}</Since>}
            </li>
          ))}
        </ul>
      )}
    </Fact>
  );
}

/** The set-up snapshot that its sandbox was made from. */
function Snapshot({ setup }: { setup: NonNullable<SessionProvenance["setup"]> }) {
  const f = useFormat();
  const { snapshot, state, snapshot_now: now } = setup;
  return (
    <Fact name="Set-up snapshot">
      {snapshot ? (
        <>
          <span className="fact">{snapshot.sha256.slice(0, 12)}</span>
          <span className="text-ink-3"> built {f.exact(Date.parse(snapshot.built_at))}</span>
        </>
      ) : (
        "None"
      )}
      {state === "gone" && <Since>gone since</Since>}
      {state === "changed" && now && (
        <Since>{snapshot ? "another one is used now" : "new sessions begin with one"}</Since>
      )}
    </Fact>
  );
}

function Pieces({
  environment,
  template,
  setup,
  skills,
  skills_added,
  rules,
  mcp_servers,
  repositories,
  repeats,
  model,
}: SessionProvenance) {
  const isRepriced = JSON.stringify(model.prices) !== JSON.stringify(model.prices_now);
  return (
    <Facts>
      <Fact name="Began in">{environment}</Fact>
      {template && <Template template={template} />}
      {setup && <Snapshot setup={setup} />}
      {isRepriced && <Fact name="Price">The model&apos;s price has changed since</Fact>}
      <Fact name="Rules">
        {rules.count} {plural(rules.count, "rule", "rules")}
        {rules.state === "changed" && <span className="text-warning"> changed since</span>}
      </Fact>
      <Fact name="Skills">
        {skills.length === 0 && "None"}
        <ul>
          {skills.map(({ root, name, revision, sha256, state }) => (
            <Piece
              key={`${root}/${name}`}
              name={name}
              detail={`revision ${revision}${sha256 === null ? "" : `, ${sha256.slice(0, 12)}`}`}
              state={state}
            />
          ))}
        </ul>
        {skills_added.length > 0 && `Added since: ${skills_added.join(", ")}`}
      </Fact>
      {mcp_servers.length > 0 && (
        <Fact name="MCP servers">
          <ul>
            {mcp_servers.map(({ name, tools, tools_digest, state }) => (
              <Piece
                key={name}
                name={name}
                detail={`${tools.length} ${plural(tools.length, "tool", "tools")}, ${tools_digest.slice(0, 12)}`}
                state={state}
              />
            ))}
          </ul>
        </Fact>
      )}
      {repeats !== null && (
        <Fact name="Repeats">
          <Link className="link" href={`/studio/${repeats}`}>
            Another session
          </Link>
        </Fact>
      )}
      {repositories.map(({ repository, ref, commit }) => (
        <Fact key={repository} name="Commit">
          {repository} <span className="fact text-ink-3">{commit.slice(0, 12)}</span>
          {ref !== null && <span className="text-ink-3"> of {ref}</span>}
        </Fact>
      ))}
    </Facts>
  );
}
