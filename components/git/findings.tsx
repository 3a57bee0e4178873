"use client";

import { useAction } from "#client/action.ts";
import { type GitFinding, handOver, readFindings, type SessionGit } from "#client/git.ts";
import { useResource } from "#client/resource.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** How often it is asked again while checks run. */
const RUNNING_MS = 20_000;

/** Checks of a pull request that failed and comments on it, each with a way to the agent. */
export function Findings({
  repository: { folder, pullRequest },
  onDone,
}: {
  repository: SessionGit;
  onDone: () => void;
}) {
  const { session, disabledReason } = useOpened();
  const isRunning = pullRequest?.checks?.state === "pending";
  const read = useResource(
    ["git-findings", session.id, folder, pullRequest?.number, pullRequest?.checks?.state],
    async () => await readFindings(session.id, folder),
    { keep: true, ...(isRunning && { everyMs: RUNNING_MS }) },
  );
  const handing = useAction(async (keys: string[]) => {
    await handOver(session.id, folder, keys);
    read.retry();
    onDone();
  }, "Couldn't hand it to the agent");
  if (!read.data)
    return read.problem ? (
      <ReadProblem of={read} title="Couldn't read the checks and comments" />
    ) : (
      <Loading>Reading checks and comments</Loading>
    );
  const { findings } = read.data;
  const off = disabledReason.drive;
  const fresh = findings.filter(({ handed }) => !handed).map(({ key }) => key);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <ReadProblem of={read} title="Couldn't read the checks and comments" />
      <ActionProblem failure={handing.failure} />
      {findings.length === 0 && (
        <p className="text-small text-ink-2">No failed checks and no open comments.</p>
      )}
      {findings.length > 0 && (
        <ul aria-label="Failed checks and comments" className="grid grid-cols-[minmax(0,1fr)] gap-3">
          {findings.map((finding) => (
            <FindingRow
              key={finding.key}
              finding={finding}
              off={off}
              pending={handing.pending && (handing.args?.[0] ?? []).includes(finding.key)}
              onHandOver={() => handing.run([finding.key])}
            />
          ))}
        </ul>
      )}
      {fresh.length > 1 && (
        <div>
          <Button
            action={{ pending: handing.pending, run: () => handing.run(fresh) }}
            busy="Handing over"
            off={off !== undefined}
            title={off}
          >
            Give all {fresh.length} to the agent
          </Button>
        </div>
      )}
    </div>
  );
}

const nameOf = ({ kind, name, path, line }: GitFinding) =>
  kind === "check"
    ? name
    : `${name}${path === null ? "" : ` on ${path}${line === null ? "" : `, line ${line}`}`}`;

function FindingRow({
  finding,
  off,
  pending,
  onHandOver,
}: {
  finding: GitFinding;
  off: string | undefined;
  pending: boolean;
  onHandOver: () => void;
}) {
  const { kind, text, url, handed } = finding;
  const name = nameOf(finding);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <span className="flex flex-wrap items-center gap-2">
        <Chip tone={kind === "check" ? "danger" : "neutral"}>{kind === "check" ? "Failed" : "Comment"}</Chip>
        {url === null ? (
          <span className="min-w-0 wrap-anywhere">{name}</span>
        ) : (
          <a href={url} target="_blank" rel="noreferrer" className="min-w-0 wrap-anywhere underline">
            {name}
          </a>
        )}
        {handed && <span className="text-small text-ink-2">Given to the agent</span>}
        <Button
          size="sm"
          className="ml-auto"
          action={{ pending, run: onHandOver }}
          busy="Handing over"
          off={off !== undefined}
          title={off}
          aria-label={`Give ${name} to the agent`}
        >
          Give to the agent
        </Button>
      </span>
      {text !== "" && (
        <ScrollRegion
          className="fact max-h-40 overflow-auto whitespace-pre-wrap wrap-anywhere text-ink-2"
          label={`What ${name} says`}
          landmark={false}
        >
          {text}
        </ScrollRegion>
      )}
    </li>
  );
}
