import { z } from "zod";
import { idParam, okResponse, type RouteTable, SEES_SESSIONS as read } from "../route.ts";
import {
  answerBody,
  decisionBody,
  pendingApprovalsResponse,
  pendingQuestionsResponse,
  runResponse,
  runsQuery,
  runsResponse,
} from "../sessions.ts";
import { lastEventId, placeQuery, seqQuery } from "../streams.ts";

const run = z.object({ run_id: idParam });
const decide = { scope: "approvals:write" } as const;

export const RUN_ROUTES = {
  "GET /api/v1/runs": {
    id: "listRuns",
    tag: "Runs",
    summary: "List runs",
    description:
      "Those of the whole organization, newest first. With two filters a page may be short, or even empty, before the end: go on while `next_cursor` is not null.",
    access: read,
    query: runsQuery,
    response: { status: 200, json: runsResponse },
    errors: ["not_found"],
  },
  "GET /api/v1/runs/{run_id}": {
    id: "getRun",
    tag: "Runs",
    summary: "Get a run",
    access: read,
    params: run,
    response: { status: 200, json: runResponse },
  },
  "POST /api/v1/runs/{run_id}/cancel": {
    id: "cancelRunById",
    tag: "Runs",
    summary: "Cancel a run",
    description: "Stops a run that is going, or takes back one that waits. Its session stays live.",
    access: { scope: "sessions:write" },
    params: run,
    response: { status: 202, json: okResponse },
    errors: ["session_stopped"],
  },
  "GET /api/v1/runs/{run_id}/events/stream": {
    id: "streamRunEvents",
    tag: "Runs",
    summary: "Stream a run's events",
    description: "From the run's beginning, or the given place, to its end; closes with `event: end`.",
    access: read,
    params: run,
    query: seqQuery,
    headers: lastEventId,
    response: {
      status: 200,
      media: "text/event-stream",
      text: "`id` is the event's `seq` in its session, `event` its type, and `data` the envelope (`Event`) as JSON.",
    },
  },
  "GET /api/v1/runs/{run_id}/approvals/pending": {
    id: "listPendingApprovals",
    tag: "Runs",
    summary: "List pending approvals",
    description: "What the agent wants to do and may not do without a decision, oldest first.",
    access: read,
    params: run,
    response: { status: 200, json: pendingApprovalsResponse },
  },
  "POST /api/v1/runs/{run_id}/approvals/{approval_key}": {
    id: "decideApproval",
    tag: "Runs",
    summary: "Decide an approval",
    description: "Only the first decision counts.",
    access: decide,
    params: run.extend({ approval_key: idParam }),
    body: decisionBody,
    example: { decision: "denied", reason: "Use the staging database." },
    response: { status: 200, json: okResponse },
    errors: ["already_decided"],
  },
  "GET /api/v1/runs/{run_id}/questions/pending": {
    id: "listPendingQuestions",
    tag: "Runs",
    summary: "List pending questions",
    description: "What the agent asks a person, oldest first.",
    access: read,
    params: run,
    response: { status: 200, json: pendingQuestionsResponse },
  },
  "POST /api/v1/runs/{run_id}/questions/{question_key}": {
    id: "answerQuestion",
    tag: "Runs",
    summary: "Answer or dismiss a question",
    description: "Only the first answer counts.",
    access: decide,
    params: run.extend({ question_key: idParam }),
    body: answerBody,
    example: { answers: [["Yes"], ["Postgres", "Redis"]] },
    response: { status: 200, json: okResponse },
    errors: ["already_decided"],
  },
  "GET /api/v1/events/stream": {
    id: "streamEvents",
    tag: "Runs",
    summary: "Stream all of the organization's events",
    description: "From now on, or from a place that the stream named before. It never ends by itself.",
    access: read,
    query: placeQuery,
    headers: lastEventId,
    response: {
      status: 200,
      media: "text/event-stream",
      text: "`id` is an opaque place in the stream, `event` a channel (`agent_event`, `tool_approval_requested`, `sidecar_status_changed`), and `data` the envelope (`Event`) as JSON.",
    },
  },
} as const satisfies RouteTable;
