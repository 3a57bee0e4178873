"use client";

import { GitBranch } from "lucide-react";
import { useState } from "react";
import { archiveAddress, patchAddress, readGit, type SessionGit, zipAddress } from "#client/git.ts";
import { useResource } from "#client/resource.ts";
import { useOpened } from "../session/session-context.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/card.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { Segments } from "../ui/segments.tsx";
import { Choice } from "../ui/select.tsx";
import { CommitForm } from "./commit-form.tsx";
import { PullRequestCard } from "./pull-request.tsx";
import { PushForm } from "./push-form.tsx";
import { Review } from "./review.tsx";
import { UpdateCard } from "./update-card.tsx";

/** How often checks that run are looked at again. */
const CHECKS_MS = 20_000;
/** The same while Studio brings a pull request to green. */
const GREEN_MS = 5_000;

const PARTS = [
  { value: "work", name: "Commit" },
  { value: "review", name: "Review" },
] as const;

/** What the session has done in its repository, and how it leaves: a commit, a branch, a pull request. */
export function GitPane() {
  const { session } = useOpened();
  const [everyMs, setEveryMs] = useState<number>();
  const read = useResource(
    ["git", session.id],
    async () => {
      const found = await readGit(session.id);
      const isGoing = found.some(({ green }) => green?.reason === null);
      const isPending = found.some(({ pullRequest }) => pullRequest?.checks?.state === "pending");
      setEveryMs(isGoing ? GREEN_MS : isPending ? CHECKS_MS : undefined);
      return found;
    },
    everyMs === undefined ? {} : { everyMs },
  );
  const [chosen, setChosen] = useState<string>();
  const [part, setPart] = useState<"work" | "review">("work");
  if (!read.data)
    return read.problem ? (
      <ReadProblem of={read} title="Couldn't read the repository" />
    ) : (
      <Loading className="p-4">Looking at the repository</Loading>
    );
  const [first] = read.data;
  const repository = read.data.find(({ folder }) => folder === chosen) ?? first;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PaneBar>
        {repository && (
          <span className="fact flex min-w-0 items-center gap-1.5 truncate" title={repository.repository}>
            <Icon as={GitBranch} size="sm" />
            {repository.work?.branch ?? repository.branch}
          </span>
        )}
        {repository?.work && (
          <Segments label="Part of the repository" value={part} items={PARTS} onChange={setPart} />
        )}
        <span className="ml-auto inline-flex flex-wrap gap-2">
          {repository?.work && (
            <a
              className={buttonClass({ size: "sm" })}
              href={patchAddress(session.id, repository.folder)}
              download
            >
              Patch
            </a>
          )}
          <a className={buttonClass({ size: "sm" })} href={archiveAddress(session.id)} download>
            Download workspace
          </a>
          <a
            className={buttonClass({ size: "sm" })}
            href={zipAddress(session.id)}
            aria-label="Download workspace as zip"
            download
          >
            Zip
          </a>
          <Button size="sm" action={{ pending: read.loading, run: read.retry }} busy="Looking">
            Refresh
          </Button>
        </span>
      </PaneBar>
      <ReadProblem of={read} title="Couldn't read the repository" />
      <ScrollRegion className="min-h-0 min-w-0 flex-1 overflow-auto p-4" label="Repository">
        {read.data.length > 1 && (
          <div className="pb-4">
            <Choice
              label="Repository"
              value={repository?.folder ?? ""}
              onChange={setChosen}
              options={read.data.map((one) => ({ value: one.folder, name: one.repository }))}
            />
          </div>
        )}
        {repository?.connectionProblem != null && (
          <div className="pb-4">
            <Notice tone="warning" title={`The connection ${repository.connection} is broken`}>
              <p>
                {repository.connectionProblem} An admin can mend it in Settings › Git; until then nothing is
                fetched or pushed.
              </p>
            </Notice>
          </div>
        )}
        {repository?.work && part === "review" ? (
          <Review key={repository.folder} repository={repository} onChange={read.retry} />
        ) : repository ? (
          <Repository key={repository.folder} repository={repository} onChange={read.retry} />
        ) : (
          <Empty title="No repository">
            This session began without one. Start a session from a repository to commit and push its changes.
          </Empty>
        )}
      </ScrollRegion>
    </div>
  );
}

function Repository({ repository, onChange }: { repository: SessionGit; onChange: () => void }) {
  const { work, problem } = repository;
  if (!work)
    return (
      <Notice tone="warning" title="Couldn't look at the repository">
        <p className="whitespace-pre-wrap">{problem ?? "The session isn't running."}</p>
      </Notice>
    );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p className="text-small text-ink-2">
        <span className="fact">{repository.repository}</span> in{" "}
        <span className="fact">{repository.folder}/</span>, from{" "}
        <span className="fact">
          {repository.base.ref?.replace(/^refs\/\w+\//, "") ?? repository.base.commit.slice(0, 12)}
        </span>
      </p>
      {repository.access === "read" && (
        <Notice tone="info" title="Read only">
          <p>This session can read {repository.repository} and pushes nothing to it.</p>
        </Notice>
      )}
      <UpdateCard repository={repository} work={work} onDone={onChange} />
      <CommitForm
        key={work.head}
        repository={repository}
        files={work.files}
        truncated={work.truncated}
        onDone={onChange}
      />
      {work.commits.length > 0 && repository.access === "write" && (
        <PushForm repository={repository} commits={work.commits} onDone={onChange} />
      )}
      {repository.pushedAt !== null && <PullRequestCard repository={repository} onDone={onChange} />}
    </div>
  );
}
