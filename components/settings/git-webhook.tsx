"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type GitConnectionRow, useGitConnections } from "#client/live-settings.ts";
import { makeGitWebhook, removeGitWebhook } from "#client/settings.ts";
import { GIT_HOSTS, type GitHostKind } from "#domain/git.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { exactClass } from "../ui/code.ts";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";

const GITHUB =
  "On GitHub: Settings, Webhooks, of the repository or the organization, with content type “application/json”. Events: pull requests, pull request reviews and review comments, check runs, statuses.";
/** Where each host has its webhooks, and which of its events are of use. */
const WHERE: Record<GitHostKind, string> = {
  github: GITHUB,
  github_app: GITHUB,
  gitlab:
    "On GitLab: Settings, Webhooks, with the secret as “Signing token”, or as “Secret token” where there is no such field. Triggers: merge request events, comments, pipeline events.",
  bitbucket:
    "On Bitbucket: Repository settings, Webhooks. Triggers: pull requests, build status created and updated.",
  gitea:
    "On Gitea or Forgejo: Settings, Webhooks, with content type “application/json”. Events: pull requests, their reviews and comments, push, and commit statuses.",
};

/** The webhooks of a connection's host: pull requests are looked at as soon as something changes there. */
export function GitWebhook({ connection }: { connection: GitConnectionRow }) {
  const { slug, kind } = connection;
  const rows = useGitConnections();
  const hook = rows?.find((row) => row.slug === slug)?.hook ?? null;
  const [made, setMade] = useState<{ of: string; url: string; secret: string }>();
  const shown = made?.of === slug ? made : undefined;
  const making = useAction(
    async () => setMade({ of: slug, ...(await makeGitWebhook(slug)) }),
    "Couldn't make the secret",
  );
  const removing = useAction(async () => {
    await removeGitWebhook(slug);
    setMade(undefined);
  }, "Couldn't remove the webhook");
  if (kind === "git") return null;
  return (
    <Card aria-label={`Webhook of ${slug}`}>
      <CardHead title="Webhook" />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3.5">
        <p className="text-small text-ink-2">
          {GIT_HOSTS[kind].name} tells Studio when a {GIT_HOSTS[kind].request} or its checks change. Without
          it, Studio asks from time to time. {WHERE[kind]}
        </p>
        {shown && (
          <>
            <p className="text-small">
              Payload URL: <code className={exactClass}>{shown.url}</code>
            </p>
            <ShownOnce
              icon={KeyRound}
              title="Copy the secret now: it isn't shown again"
              text={shown.secret}
              copy={{ name: "Copy", label: "the webhook secret" }}
              onDone={() => setMade(undefined)}
              testId="webhook-secret"
            />
          </>
        )}
        {!shown && hook && (
          <p className="text-small text-ink-2">
            Webhooks are taken. A new secret ends the one before at once.
          </p>
        )}
        <ActionProblem failure={making.failure ?? removing.failure} />
        <div className="flex flex-wrap gap-2">
          {/* Until it's known whether there is one: a new secret ends it. */}
          <Button action={making} busy="Making" off={rows === undefined}>
            {hook ? "Make a new secret" : "Make a secret"}
          </Button>
          {hook && (
            <Button look="danger" action={removing} busy="Removing">
              Remove webhook
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}
