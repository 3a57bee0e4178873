import type { EventEnvelope } from "#domain/events.ts";
import type { Session } from "#domain/session.ts";
import { runResponse } from "#contracts/runs.ts";
import { createSessionResponse, messageResponse, type Run, sessionResponse } from "#contracts/sessions.ts";

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

/** Waits until `look` answers something, at most `timeoutMs`. @throws Error that names what it waited for */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  timeoutMs = 60_000,
) {
  const startedAt = Date.now();
  for (;;) {
    const found = await look();
    if (found) return found;
    const waitedMs = Date.now() - startedAt;
    if (waitedMs > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    // What takes long is looked at less often: the looks compute, too.
    await new Promise((resolve) => setTimeout(resolve, Math.min(100 + waitedMs / 20, 400)));
  }
}

/** Studio's API as a script uses it: with a key, and nothing else. */
export class Api {
  readonly url: string;
  readonly #headers: Record<string, string>;
  #kept: string | undefined;

  constructor(url: string, headers: Record<string, string>) {
    this.url = url;
    this.#headers = headers;
  }

  static withKey(url: string, key: string): Api {
    return new Api(url, { authorization: `Bearer ${key}` });
  }

  /** A request with a JSON body, or with `raw` as it is. Whoever asks too often waits as told, and asks again. */
  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    options: { raw?: string; headers?: Record<string, string>; impatient?: true } = {},
  ): Promise<Answer<T>> {
    for (;;) {
      const answer = await this.#once<T>(method, path, body, options);
      const limited = answer.status === 429 && (answer.body as { code?: string }).code === "rate_limited";
      if (!limited || options.impatient) return answer;
      const seconds = Number(answer.headers.get("retry-after") ?? 1);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
  }

  async #once<T>(
    method: string,
    path: string,
    body: unknown,
    options: { raw?: string; headers?: Record<string, string> },
  ): Promise<Answer<T>> {
    const text = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...this.#headers,
        ...(text !== undefined && { "content-type": "application/json" }),
        ...options.headers,
      },
      ...(text !== undefined && { body: text }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (answer ? JSON.parse(answer) : null) as T,
    };
  }

  /** Opens a stream; the caller ends it. */
  async open(path: string, body?: unknown): Promise<Response> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return body === undefined
      ? await fetch(this.url + path, { headers: this.#headers })
      : await fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** A session on the demo model; by default one that is ready. */
  async createSession(wait = true, mayFail = false): Promise<Session> {
    const made = await this.call<{ session: Session }>(
      "POST",
      `/api/studio/sessions${wait ? "?wait=true" : ""}`,
      {
        environment: "development",
        provider: "demo",
        model: "demo",
      },
    );
    if (made.status !== 201) throw new Error(`no session: ${made.status} ${JSON.stringify(made.body)}`);
    const { session } = createSessionResponse.parse(made.body);
    if (session.status === "error" && !mayFail) throw new Error(`no session: ${session.errorMessage}`);
    return session;
  }

  /**
   * A session that waits for a message: the one that this gave before, where it still does, or else a new one. For tests
   * that need none of their own: an agent's start is what they take longest for.
   */
  async idleSession(): Promise<Session> {
    const kept = this.#kept === undefined ? undefined : await this.session(this.#kept);
    if (kept && ["ready", "idle"].includes(kept.status)) return kept;
    const made = await this.createSession();
    this.#kept = made.id;
    return made;
  }

  async session(id: string): Promise<Session> {
    return sessionResponse.parse((await this.call("GET", `/api/studio/sessions/${id}`)).body).session;
  }

  async send(sessionId: string, message: string): Promise<string> {
    const sent = await this.call("POST", `/api/studio/sessions/${sessionId}/message`, {
      message,
    });
    if (sent.status !== 202) throw new Error(`not sent: ${sent.status} ${JSON.stringify(sent.body)}`);
    return messageResponse.parse(sent.body).runId;
  }

  async run(id: string): Promise<Run> {
    return runResponse.parse((await this.call("GET", `/api/v1/runs/${id}`)).body).run;
  }

  /** The whole log of a session, by its pages. */
  async events(sessionId: string): Promise<EventEnvelope[]> {
    const all: EventEnvelope[] = [];
    for (let cursor: string | null = "0"; cursor !== null;) {
      const page: Answer<{ events: EventEnvelope[]; next_cursor: string | null }> = await this.call(
        "GET",
        `/api/v1/sessions/${sessionId}/events?limit=100&cursor=${cursor}`,
      );
      all.push(...page.body.events);
      cursor = page.body.next_cursor;
    }
    return all;
  }

  /** What the log has of some runs. */
  async eventsOf(sessionId: string, ...runIds: string[]): Promise<EventEnvelope[]> {
    return (await this.events(sessionId)).filter(({ run_id: runId }) => runId && runIds.includes(runId));
  }

  /** The next question of a run, once it is asked. */
  async question(runId: string): Promise<{ approval_key: string; tool: string; summary: string }> {
    return await until("a question of the agent", async () => {
      const pending = await this.call<{
        approvals: { approval_key: string; tool: string; summary: string }[];
      }>("GET", `/api/v1/runs/${runId}/approvals/pending`);
      return pending.body.approvals[0];
    });
  }

  async decide(runId: string, key: string, decision: string): Promise<Answer> {
    return await this.call("POST", `/api/v1/runs/${runId}/approvals/${key}`, { decision });
  }

  /** Answers every question of a run alike, until the run has ended. */
  async finish(runId: string, decision: "approved" | "denied" = "approved"): Promise<Run> {
    return await until(
      "the end of the run",
      async () => {
        const pending = await this.call<{ approvals: { approval_key: string }[] }>(
          "GET",
          `/api/v1/runs/${runId}/approvals/pending`,
        );
        for (const { approval_key } of pending.body.approvals)
          await this.decide(runId, approval_key, decision);
        const run = await this.run(runId);
        return run.status === "running" || run.status === "pending" ? null : run;
      },
      60_000,
    );
  }

  async stop(sessionId: string): Promise<number> {
    return (await this.call("DELETE", `/api/studio/sessions/${sessionId}`)).status;
  }
}
