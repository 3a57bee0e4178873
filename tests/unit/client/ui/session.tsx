import { ConvexProvider, ConvexReactClient } from "convex/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { SessionProvider } from "#components/session/session-context.tsx";
import { useSessionCommands } from "#components/session/use-session-commands.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import type { Session } from "#domain/session.ts";
import { draw } from "./render.tsx";

const BEGAN = Date.parse("2026-01-01T00:00:00Z");

export const SESSION: Session = {
  id: "s1",
  organizationId: "o1",
  environment: "development",
  userId: "u1",
  userName: "Mara",
  title: "A session",
  status: "idle",
  waitingFor: null,
  waitDetail: null,
  queuePlace: null,
  nextStep: "",
  errorMessage: null,
  sandboxProvider: "e2b",
  sandboxId: "sb1",
  agentType: "opencode",
  agentId: null,
  agentName: null,
  agentSessionId: "a1",
  provider: "demo",
  model: "demo",
  requestedModel: null,
  keySource: "platform",
  rawKey: false,
  autoApprove: false,
  totalInputTokens: 0,
  totalCachedTokens: 0,
  totalOutputTokens: 0,
  totalCostMicroUsd: 0,
  totalCreditsConsumed: 0,
  budgetCapMicroUsd: null,
  idleTimeoutMs: 900_000,
  lastActivityAt: BEGAN,
  createdAt: BEGAN,
  stoppedAt: null,
  checkpointId: null,
  savedAt: null,
  savedBytes: null,
  resumedSeq: null,
  parentSessionId: null,
  parentTitle: null,
  branchFromSeq: null,
  archivedAt: null,
  importedAt: null,
};

export type Drafted = [type: string, payload: Record<string, unknown>, run?: string];

/** Events as a session writes them, a second apart. @param after the sequence number behind which they begin */
export const eventsOf = (drafts: readonly Drafted[], after = 0): EventEnvelope[] =>
  drafts.map(([type, payload, run], index) => ({
    event_id: `e${after + index}`,
    type,
    ts: new Date(BEGAN + (after + index) * 1000).toISOString(),
    session_id: SESSION.id,
    ...(run && { run_id: run }),
    seq: after + index + 1,
    source: "test",
    payload,
  }));

/** A run at work, after which further events may follow. */
export const working = (run = "r1"): Drafted[] => [
  ["session.status", { status: "active", waiting_for: null }],
  ["message.user", { content: "go on" }, run],
  ["run.started", { input: "go on" }, run],
];

/** What the page asked for, and the stream by which events come to it. */
export interface Backend {
  requests: { method: string; path: string; body: unknown }[];
  /** Sends events by the open stream. */
  push: (events: readonly EventEnvelope[]) => void;
}

/** Responds for Studio: the stream stays open, and every other request gets `answer`, `{ ok: true }` by default. */
export function stubBackend(
  answer: (path: string, url: string, init: RequestInit) => Response | Promise<Response> = () =>
    Response.json({ ok: true }),
): Backend {
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  const requests: Backend["requests"] = [];
  const encoder = new TextEncoder();
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const { pathname: path } = new URL(url, "http://studio.test");
    if (path.endsWith("/events"))
      return new Response(
        new ReadableStream({
          start: (controller) => {
            stream = controller;
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      );
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    requests.push({ method: init.method ?? "GET", path, body });
    return await answer(path, url, init);
  });
  return {
    requests,
    push: (events) => {
      for (const event of events)
        stream?.enqueue(
          encoder.encode(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
        );
    },
  };
}

function Keys({ children }: { children: ReactNode }) {
  useSessionCommands();
  return children;
}

/** Convex as it is before it can be reached: live queries know nothing yet. */
class SilentSocket extends EventTarget {
  readonly readyState = WebSocket.CONNECTING;
  close(): void {}
  send(): void {}
}

/** Draws parts of a session's page, with its keys. @param lastEventAt epoch milliseconds */
export function drawSession(drafts: readonly Drafted[], children: ReactNode, lastEventAt?: number) {
  const view = applyEvents(EMPTY_VIEW, eventsOf(drafts));
  const convex = new ConvexReactClient("http://127.0.0.1:9", {
    logger: false,
    webSocketConstructor: SilentSocket as unknown as typeof WebSocket,
  });
  return draw(
    <ConvexProvider client={convex}>
      <SessionProvider
        session={SESSION}
        initial={{
          view,
          lastEventAt: lastEventAt === undefined ? null : new Date(lastEventAt).toISOString(),
        }}
        me="Mara"
        disabledReason={{ drive: undefined, approve: undefined, network: undefined }}
      >
        <Keys>{children}</Keys>
      </SessionProvider>
    </ConvexProvider>,
  );
}
