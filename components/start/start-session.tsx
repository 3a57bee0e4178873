"use client";

import { useRouter } from "next/navigation";
import { useId, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import type { Models } from "#client/api.ts";
import { dropDraft, messageDraft, readDraft } from "#client/draft.ts";
import type { Environment } from "#domain/catalog.ts";
import { titleOf } from "#domain/lifecycle.ts";
import { missingVariables } from "#domain/setup.ts";
import type { MentionableSkill } from "#client/live-skills.ts";
import { useFormat } from "#client/locale.tsx";
import { startWith } from "#client/start.ts";
import { parseCap } from "#client/money.ts";
import { useMessageDraft } from "#client/use-message-draft.ts";
import { type Role, roleAtLeast } from "#domain/roles.ts";
import type { Suggestion } from "#domain/suggestions.ts";
import { Composer } from "../common/composer.tsx";
import { SkillSource } from "../common/skill-completion.tsx";
import { Live } from "../ui/live.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { type AgentChoice, type Choice, ConfigBar, EmptyConfigBar } from "./config-bar.tsx";
import { FirstVisit } from "./first-visit.tsx";
import { isUnnamed, NO_REPOSITORIES, repositoriesFrom, RepositoryChoices } from "./repository-choice.tsx";
import { Suggestions } from "./suggestions.tsx";

const DEMO = "demo";
/** What the demo model can do: a file, which it asks about, and a command. */
const DEMO_MESSAGE = "create a file hello.txt containing hi there, then run `cat hello.txt`";

/** Chooses what a session is made of, and starts it with its first message. */
export function StartSession({
  models,
  role,
  agents = [],
  text: given = "",
  suggestions,
  firstVisit,
  missing = {},
}: {
  models: Models;
  role: Role;
  /** What a session can be started with, last changed first. */
  agents?: readonly AgentChoice[];
  /** What the message begins with. */
  text?: string;
  suggestions: readonly Suggestion[];
  /** The organization has no key and no session yet. */
  firstVisit: boolean;
  /** Variables that set-up needs and nobody has set, by environment. */
  missing?: Partial<Record<Environment, readonly string[]>>;
}) {
  const router = useRouter();
  const f = useFormat();
  const [choice, setChoice] = useState<Choice | null>(
    models.default && {
      provider: models.default.provider,
      model: models.default.model,
      environment: "development",
      cap: "",
    },
  );
  const message = useMessageDraft("new", { text: given });
  const { text } = message;
  const [skills, setSkills] = useState<readonly MentionableSkill[]>([]);
  const place = useRef<HTMLElement>(null);
  const capId = useId();
  const cap = choice && choice.cap.trim() !== "" ? parseCap(choice.cap, f) : undefined;
  const [capAsked, setCapAsked] = useState(false);
  const [repositories, setRepositories] = useState(NO_REPOSITORIES);
  const ownRepository = agents.find(({ id }) => id === choice?.agentId)?.repository;
  const capWrong = capAsked && cap && !cap.ok ? cap.problem : undefined;
  const model = models.providers
    .find((p) => p.id === choice?.provider)
    ?.models.find((m) => m.id === choice?.model);
  const blocked = !roleAtLeast(role, "member")
    ? "Viewers can only watch. Members and admins can start sessions."
    : choice
      ? undefined
      : "No model is set up yet.";

  const lacking = choice ? missingVariables(missing[choice.environment] ?? []) : undefined;

  const write = (words: string) => {
    message.write(words);
    const field = place.current?.querySelector("textarea");
    field?.focus();
    // Behind what stands there, where the person goes on.
    requestAnimationFrame(() => field?.setSelectionRange(words.length, words.length));
  };
  const demo = models.providers.find((provider) => provider.id === DEMO);
  const tryDemo = () => {
    const [model] = demo?.models ?? [];
    if (demo && model) setChoice({ provider: demo.id, model: model.id, environment: "development", cap: "" });
    write(DEMO_MESSAGE);
  };

  const starting = useAction(async (made: Omit<Choice, "cap">, budgetCapMicroUsd: number | undefined) => {
    const asked = {
      ...made,
      title: titleOf(text),
      ...repositoriesFrom(repositories),
      ...(budgetCapMicroUsd !== undefined && { budgetCapMicroUsd }),
    };
    // What was typed since goes with it.
    const rest = () => {
      const now = readDraft(messageDraft("new"))?.text ?? text;
      return now.startsWith(text) ? now.slice(text.length).trim() : now;
    };
    await startWith(asked, { text, rest }, (path) => {
      dropDraft(messageDraft("new"));
      router.push(path);
    });
  }, "Couldn't start the session");
  const start = () => {
    if (!choice) return;
    setCapAsked(true);
    const { cap: _typed, ...made } = choice;
    if (repositories.some(isUnnamed)) return;
    if (!cap || cap.ok) starting.run(made, cap?.microUsd);
  };

  return (
    <section ref={place} aria-label="Start a session" className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {firstVisit && (
        <FirstVisit
          admin={roleAtLeast(role, "admin")}
          onDemo={demo && roleAtLeast(role, "member") ? tryDemo : undefined}
        />
      )}
      {lacking !== undefined && (
        <Notice tone="warning" title={lacking}>
          <p>The session starts without set-up.</p>
        </Notice>
      )}
      <div>
        {choice ? (
          <ConfigBar
            models={models}
            choice={choice}
            agents={agents}
            capProblem={capWrong === undefined ? undefined : { text: capWrong, id: capId }}
            onChange={(next) => {
              if (next.cap !== choice.cap) setCapAsked(false);
              setChoice(next);
            }}
            mayProduction={roleAtLeast(role, "admin")}
          />
        ) : (
          <EmptyConfigBar />
        )}
        <SkillSource onSkills={setSkills} />
        <Composer
          className="rounded-t-none"
          skills={skills}
          value={text}
          onChange={message.write}
          onSubmit={start}
          action={starting.pending ? "Starting" : "Start"}
          primary
          busy={starting.pending}
          rows={4}
          placeholder="Describe the change"
          blocked={blocked}
          note="Can't be changed after start: provider, model, environment"
        />
      </div>
      {blocked === undefined && (
        <Live refused="Couldn't load the git connections" meanwhile="sessions can start without a repository">
          <RepositoryChoices value={repositories} onChange={setRepositories} isAsked={capAsked} />
        </Live>
      )}
      {ownRepository && repositories.every(({ connection }) => connection === "") && (
        <p className="text-small text-ink-2">
          Starts from <span className="fact">{ownRepository.url}</span>, as its agent does.
        </p>
      )}
      {capWrong !== undefined && (
        <p id={capId} role="alert" className="text-small text-danger">
          Spending cap: {capWrong} Leave it empty for no cap.
        </p>
      )}
      {models.default?.notice && choice?.model === models.default.model && (
        <Notice tone="info" title="Using another model">
          <p>{models.default.notice}</p>
        </Notice>
      )}
      {model?.note && (
        <Notice tone="info" title={model.name}>
          <p>{model.note}</p>
        </Notice>
      )}
      {!choice && (
        <Notice tone="warning" title="No model is set up">
          <p>
            The operator needs to set one up: a provider's key, or the demo model's address in DEMO_MODEL_URL.
            Then reload this page.
          </p>
        </Notice>
      )}
      <ActionProblem failure={starting.failure} />
      {blocked === undefined && <Suggestions suggestions={suggestions} onChoose={write} />}
    </section>
  );
}
