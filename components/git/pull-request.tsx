"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { openPullRequest, type SessionGit } from "#client/git.ts";
import { pullRequestBody } from "#client/review.ts";
import { GIT_HOSTS, type GitHostKind } from "#domain/git.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { Findings } from "./findings.tsx";
import { GreenCard } from "./green-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const STATES = {
  draft: { name: "Draft", tone: "neutral" },
  open: { name: "Open", tone: "success" },
  merged: { name: "Merged", tone: "accent" },
  closed: { name: "Closed", tone: "danger" },
} as const;

/** Where people have no names of their own. */
const REVIEWER_HINTS: Partial<Record<GitHostKind, string>> = {
  bitbucket: "Account ids or UUIDs, with spaces between them.",
};

const CHECKS = {
  none: { name: "No checks", tone: "neutral" },
  pending: { name: "Checks are running", tone: "warning" },
  passed: { name: "Checks passed", tone: "success" },
  failed: { name: "Checks failed", tone: "danger" },
} as const;

/** The pull request of a branch that was pushed, or how to open one. */
export function PullRequestCard({ repository, onDone }: { repository: SessionGit; onDone: () => void }) {
  const { pullRequest, kind, branch } = repository;
  if (pullRequest)
    return <OpenPullRequest pullRequest={pullRequest} repository={repository} onDone={onDone} />;
  if (kind === null || kind === "git")
    return (
      <Notice tone="info" title="The branch is on the server">
        <p>
          This connection is to a plain git server, so there's no pull request to open here. The branch is{" "}
          <span className="fact wrap-anywhere">{branch}</span>.
        </p>
      </Notice>
    );
  return <NewPullRequest repository={repository} kind={kind} onDone={onDone} />;
}

function OpenPullRequest({
  pullRequest: { state, url, number, title, checks },
  repository,
  onDone,
}: {
  pullRequest: NonNullable<SessionGit["pullRequest"]>;
  repository: SessionGit;
  onDone: () => void;
}) {
  const isOpen = state === "open" || state === "draft";
  return (
    <Card>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3">
        <p className="flex flex-wrap items-center gap-2">
          <Chip tone={STATES[state].tone}>{STATES[state].name}</Chip>
          <a href={url} target="_blank" rel="noreferrer" className="underline">
            #{number} {title}
          </a>
          {checks && <Chip tone={CHECKS[checks.state].tone}>{CHECKS[checks.state].name}</Chip>}
        </p>
        {isOpen && <Findings repository={repository} onDone={onDone} />}
        {(isOpen || repository.green) && <GreenCard repository={repository} onDone={onDone} />}
      </div>
    </Card>
  );
}

function NewPullRequest({
  repository,
  kind,
  onDone,
}: {
  repository: SessionGit;
  kind: GitHostKind;
  onDone: () => void;
}) {
  const { view } = useSessionState();
  const { name: host, request } = GIT_HOSTS[kind];
  const { session, disabledReason } = useOpened();
  const [title, setTitle] = useState(repository.work?.commits.at(-1)?.subject ?? repository.proposedMessage);
  const [body, setBody] = useState(() =>
    pullRequestBody({
      said: view.items,
      subjects: repository.work?.commits.map(({ subject }) => subject).toReversed() ?? [],
      address: window.location.href,
    }),
  );
  const [reviewers, setReviewers] = useState("");
  const [draft, setDraft] = useState(false);
  const opening = useAction(async () => {
    const people = reviewers.split(/[\s,]+/).filter((name) => name !== "");
    await openPullRequest(session.id, {
      folder: repository.folder,
      title: title.trim(),
      body,
      draft,
      reviewers: people,
    });
    onDone();
  }, `Couldn't open the ${request}`);
  const blocked = disabledReason.drive ?? (title.trim() === "" ? "Write a title first." : undefined);
  return (
    <Card>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3">
        <Field
          label="Title"
          value={title}
          onChange={({ target }) => setTitle(target.value)}
          maxLength={250}
        />
        <TextField
          label="Description"
          value={body}
          onChange={({ target }) => setBody(target.value)}
          rows={5}
        />
        <Field
          label="Reviewers"
          value={reviewers}
          onChange={({ target }) => setReviewers(target.value)}
          hint={REVIEWER_HINTS[kind] ?? `User names on ${host}, with spaces between them.`}
          autoComplete="off"
          spellCheck={false}
        />
        <label className="flex items-center gap-2">
          <input type="checkbox" className="size-4" checked={draft} onChange={() => setDraft(!draft)} />
          As a draft
        </label>
        <ActionProblem failure={opening.failure} />
        <div>
          <Button look="primary" action={opening} busy="Opening" off={blocked !== undefined} title={blocked}>
            Open {request}
          </Button>
        </div>
      </div>
    </Card>
  );
}
