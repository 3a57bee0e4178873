"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { type ApiError, asApiError, createSession, type Models, sendMessage } from "../../lib/client/api.ts";
import { keepDraft } from "../../lib/client/draft.ts";
import { titleOf } from "../../lib/client/format.ts";
import { type Role, roleAtLeast } from "../../lib/domain/roles.ts";
import { Composer } from "../common/composer.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Notice } from "../ui/notice.tsx";
import { type Choice, ConfigBar, EmptyConfigBar } from "./config-bar.tsx";

/** Chooses what a session is made of, and starts it with its first message. */
export function StartSession({ models, role }: { models: Models; role: Role }) {
  const router = useRouter();
  const [choice, setChoice] = useState<Choice | null>(
    models.default && { ...models.default, environment: "development" },
  );
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const model = models.providers
    .find((p) => p.id === choice?.provider)
    ?.models.find((m) => m.id === choice?.model);
  const blocked = !roleAtLeast(role, "member")
    ? "Viewers watch. A member or an admin can start sessions."
    : choice
      ? undefined
      : "No model is set up yet.";

  const start = async () => {
    if (!choice) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const { sessionId } = await createSession({ ...choice, title: titleOf(text) });
      try {
        await sendMessage(sessionId, text);
      } catch (error) {
        keepDraft(sessionId, { text, problem: asApiError(error).message });
      }
      router.push(`/studio/${sessionId}`);
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };

  return (
    <section aria-label="Start a session" className="grid gap-3">
      <div>
        {choice ? (
          <ConfigBar
            models={models}
            choice={choice}
            onChange={setChoice}
            mayProduction={roleAtLeast(role, "admin")}
          />
        ) : (
          <EmptyConfigBar />
        )}
        <Composer
          className="rounded-t-none!"
          value={text}
          onChange={setText}
          onSubmit={() => void start()}
          action={busy ? "Starting" : "Start"}
          primary
          busy={busy}
          rows={4}
          placeholder="Describe the change"
          blocked={blocked}
          note="Locked once started: provider, model, environment"
        />
      </div>
      {model?.note && (
        <Notice tone="info" title={model.name}>
          <p>{model.note}</p>
        </Notice>
      )}
      {!choice && (
        <Notice tone="warning" title="No model is set up">
          <p>
            Whoever runs Studio sets a model up: a provider's key, or the demo model's address in
            DEMO_MODEL_URL. Then reload this page.
          </p>
        </Notice>
      )}
      {problem && <ProblemNotice title="The session was not started" error={problem} />}
    </section>
  );
}
