import { z } from "zod";
import { contentQuery, fileSchema, filesQuery, filesResponse, writeFileBody } from "../files.ts";
import { previewBody, previewResponse } from "../preview.ts";
import { pidParam, processesResponse } from "../processes.ts";
import { idParam, okResponse, type RouteTable } from "../route.ts";
import { sandboxResponse, wallsResponse } from "../sandbox.ts";
import { lastEventId } from "../streams.ts";
import {
  openTerminalBody,
  resizeTerminalBody,
  terminalInputBody,
  terminalSchema,
  terminalsResponse,
} from "../terminals.ts";

const session = z.object({ id: idParam });
const terminal = session.extend({ terminal: idParam });
const process = session.extend({ pid: pidParam });
const read = { scope: "sessions:read" } as const;
const write = { scope: "sessions:write" } as const;
/** What a session has begun with may not be opened any longer, and then nothing of it can be hidden. */
const LIVE = ["session_stopped", "not_ready", "upstream_failed", "key_unreadable"] as const;

export const WORKSPACE_ROUTES = {
  "GET /api/studio/sessions/{id}/files": {
    id: "readFile",
    tag: "Workspace",
    summary: "Read a file or list a folder",
    description: "Viewers see secrets masked.",
    access: read,
    params: session,
    query: filesQuery,
    response: { status: 200, json: filesResponse },
    errors: [...LIVE, "too_large"],
  },
  "PUT /api/studio/sessions/{id}/files": {
    id: "writeFile",
    tag: "Workspace",
    summary: "Write a file",
    description: "Succeeds only if the file is still as it was read.",
    access: write,
    params: session,
    body: writeFileBody,
    example: { path: "README.md", content: "# Acme\n", expectedHash: null },
    response: { status: 200, json: fileSchema },
    errors: [...LIVE, "file_changed"],
  },
  "GET /api/studio/sessions/{id}/files/content": {
    id: "downloadFile",
    tag: "Workspace",
    summary: "Download a file",
    description: "Of any size and kind, byte by byte. Viewers see secrets masked.",
    access: read,
    params: session,
    query: contentQuery,
    response: {
      status: 200,
      media: "application/octet-stream",
      text: "The file's bytes, as an attachment of its name.",
    },
    errors: [...LIVE, "too_large"],
  },
  "POST /api/studio/sessions/{id}/preview": {
    id: "openPreview",
    tag: "Workspace",
    summary: "Open a preview",
    description: "Returns an address that opens a port of the sandbox in the caller's browser, for a minute.",
    access: write,
    params: session,
    body: previewBody,
    example: { port: 5173 },
    response: { status: 200, json: previewResponse },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/sandbox": {
    id: "getSandbox",
    tag: "Workspace",
    summary: "Describe the sandbox",
    description: "Its machine, what it uses now, and which walls and limits hold for it.",
    access: read,
    params: session,
    response: { status: 200, json: sandboxResponse },
    errors: LIVE,
  },
  "POST /api/studio/sessions/{id}/sandbox/check": {
    id: "checkSandbox",
    tag: "Workspace",
    summary: "Try the sandbox's walls",
    description:
      "Runs a program in the sandbox that tries what must be refused: other users' files, the host's ports, cloud metadata, mounting, tracing the agent, more memory. Takes up to half a minute.",
    access: write,
    params: session,
    response: { status: 200, json: wallsResponse },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/processes": {
    id: "listProcesses",
    tag: "Workspace",
    summary: "List background processes",
    description:
      "What the agent's commands have left running, and what runs in terminals, the oldest first. Who may only watch is told of the latter's programs, and not their arguments.",
    access: read,
    params: session,
    response: { status: 200, json: processesResponse },
    errors: LIVE,
  },
  "DELETE /api/studio/sessions/{id}/processes/{pid}": {
    id: "endProcess",
    tag: "Workspace",
    summary: "End a process",
    description: "Ends it and what it has started, and says so in the session's log. Idempotent.",
    access: write,
    params: process,
    response: { status: 204 },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/terminals": {
    id: "listTerminals",
    tag: "Workspace",
    summary: "List open terminals",
    access: write,
    params: session,
    response: { status: 200, json: terminalsResponse },
    errors: LIVE,
  },
  "POST /api/studio/sessions/{id}/terminals": {
    id: "openTerminal",
    tag: "Workspace",
    summary: "Open a terminal",
    access: write,
    params: session,
    body: openTerminalBody,
    response: { status: 201, json: terminalSchema },
    errors: [...LIVE, "terminal_limit"],
  },
  "DELETE /api/studio/sessions/{id}/terminals/{terminal}": {
    id: "closeTerminal",
    tag: "Workspace",
    summary: "Close a terminal",
    description: "Ends what runs in it. Closing it again does nothing.",
    access: write,
    params: terminal,
    response: { status: 204 },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/terminals/{terminal}/output": {
    id: "streamTerminal",
    tag: "Workspace",
    summary: "Stream a terminal's output",
    access: write,
    params: terminal,
    headers: lastEventId,
    response: {
      status: 200,
      media: "text/event-stream",
      text: "`data` is the output as base64 and `id` the place behind it. `event: reset` means that what follows starts over; `event: end` that the shell has ended.",
    },
    errors: LIVE,
  },
  "POST /api/studio/sessions/{id}/terminals/{terminal}/input": {
    id: "typeIntoTerminal",
    tag: "Workspace",
    summary: "Type into a terminal",
    access: write,
    params: terminal,
    body: terminalInputBody,
    response: { status: 200, json: okResponse },
    errors: LIVE,
    quota: "typing",
  },
  "POST /api/studio/sessions/{id}/terminals/{terminal}/resize": {
    id: "resizeTerminal",
    tag: "Workspace",
    summary: "Resize a terminal",
    access: write,
    params: terminal,
    body: resizeTerminalBody,
    response: { status: 200, json: okResponse },
    errors: LIVE,
    quota: "typing",
  },
} as const satisfies RouteTable;
