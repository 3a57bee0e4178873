"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { openPullRequest, type SessionGit } from "#client/git.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const STATES = {
  draft: { name: "Draft", tone: "neutral" },
  open: { name: "Open", tone: "success" },
  merged: { name: "Merged", tone: "accent" },
  closed: { name: "Closed", tone: "danger" },
} as const;

/** The pull request of a branch that was pushed, or how to open one. */
export function PullRequestCard({ repository, onDone }: { repository: SessionGit; onDone: () => void }) {
  const { pullRequest, kind, branch } = repository;
  if (pullRequest)
    return (
      <Card>
        <p className="flex flex-wrap items-center gap-2 p-3">
          <Chip tone={STATES[pullRequest.state].tone}>{STATES[pullRequest.state].name}</Chip>
          <a href={pullRequest.url} target="_blank" rel="noreferrer" className="underline">
            #{pullRequest.number} {pullRequest.title}
          </a>
        </p>
      </Card>
    );
  if (kind !== "github")
    return (
      <Notice tone="info" title="The branch is on the server">
        <p>
          This connection is to a plain git server, so there's no pull request to open here. The branch is{" "}
          <span className="fact wrap-anywhere">{branch}</span>.
        </p>
      </Notice>
    );
  return <NewPullRequest repository={repository} onDone={onDone} />;
}

function NewPullRequest({ repository, onDone }: { repository: SessionGit; onDone: () => void }) {
  const { session, disabledReason } = useOpened();
  const [title, setTitle] = useState(repository.work?.commits.at(-1)?.subject ?? repository.proposedMessage);
  const [body, setBody] = useState(() => {
    const subjects = repository.work?.commits.map(({ subject }) => `- ${subject}`).toReversed() ?? [];
    return [...subjects, "", `From a session in Studio: ${window.location.href}`].join("\n");
  });
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
  }, "Couldn't open the pull request");
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
          hint="GitHub logins, with spaces between them."
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
            Open pull request
          </Button>
        </div>
      </div>
    </Card>
  );
}
