import http from "node:http";
import type { AddressInfo } from "node:net";
import zlib from "node:zlib";

/** One answer of an OpenAI-compatible endpoint that does it in its own way. */
export interface OddForm {
  /** Its bytes, as an event stream where `type` does not say otherwise. */
  body: string | Buffer;
  type?: string;
  status?: number;
  headers?: Record<string, string>;
  /** Closes the connection in the middle, so that the answer never ends. */
  cut?: true;
}

const event = (data: unknown) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const piece = (delta: object, reason: string | null = null, more: object = {}) =>
  event({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: reason }],
    ...more,
  });
const usage = (prompt_tokens = 1000, completion_tokens = 100) =>
  event({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  });
const DONE = event("[DONE]");
const words = piece({ role: "assistant", content: "The answer is 42." });
const whole = words + piece({}, "stop") + usage() + DONE;
/** A call of a tool in one piece, and then, to its result, words. */
const calling = (name: string, args: unknown): OddForm[] => [
  {
    body:
      piece({
        role: "assistant",
        tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name, arguments: args } }],
      }) +
      piece({}, "tool_calls") +
      usage() +
      DONE,
  },
  { body: whole },
];

/** Ways to answer, by name: a message with `form:NAME` gets that one. A list gives the answers one after another. */
export const ODD_FORMS: Record<string, OddForm | OddForm[]> = {
  plain: { body: whole },
  "no-reason": { body: words + usage() + DONE },
  "odd-reason": { body: words + piece({}, "eos") + usage() + DONE },
  "no-calls": { body: words + piece({}, "tool_calls") + usage() + DONE },
  "done-alone": { body: DONE },
  nothing: { body: "" },
  "empty-stop": {
    body: piece({ role: "assistant", content: "" }) + piece({}, "stop") + usage(1000, 0) + DONE,
  },
  html: { type: "text/html", body: "<!doctype html><title>Sign in to the network</title>" },
  "error-in-200": {
    type: "application/json",
    body: JSON.stringify({ error: { message: "model not loaded", type: "server_error" } }),
  },
  "not-a-stream": {
    type: "application/json",
    body: JSON.stringify({
      id: "c",
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: "whole" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
    }),
  },
  gzip: { headers: { "content-encoding": "gzip" }, body: zlib.gzipSync(whole) },
  "cut-off": { body: words, cut: true },
  length: { body: words + piece({}, "length") + usage() + DONE },
  filter: { body: words + piece({}, "content_filter") + usage() + DONE },
  "broken-arguments": calling("bash", '{"command": "echo '),
  "null-arguments": calling("bash", "null"),
  "no-arguments": calling("bash", ""),
  "list-arguments": calling("bash", '["echo hi"]'),
  "unknown-tool": calling("launch", "{}"),
  "object-arguments": calling("bash", { command: "echo hi" }),
  zeros: { body: words + piece({}, "stop") + usage() + usage(0, 0) + DONE },
};

const MARK = /form:([\w-]+)/;

/** An endpoint that answers each message as the message asks for, and counts how often it was asked. */
export class OddProvider {
  readonly url: string;
  /** Calls of the agent itself, by form. */
  readonly calls = new Map<string, number>();
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  /** @param forms by name */
  static async start(forms: Record<string, OddForm | OddForm[]> = ODD_FORMS): Promise<OddProvider> {
    let provider: OddProvider | undefined;
    const server = http.createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (data: Buffer) => pieces.push(data));
      request.on("end", () => provider?.answer(forms, Buffer.concat(pieces).toString("utf8"), response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    provider = new OddProvider(server);
    return provider;
  }

  answer(forms: Record<string, OddForm | OddForm[]>, text: string, response: http.ServerResponse): void {
    const body = (text === "" ? {} : JSON.parse(text)) as {
      messages?: { role: string }[];
      tools?: unknown[];
    };
    const last = body.messages?.findLast(({ role }) => role === "user");
    // A title is asked for without tools.
    const name = body.tools?.length ? (MARK.exec(JSON.stringify(last ?? ""))?.[1] ?? "plain") : "plain";
    const made = this.calls.get(name) ?? 0;
    if (body.tools?.length) this.calls.set(name, made + 1);
    const form = [forms[name] ?? { status: 404, body: "" }].flat();
    const {
      status = 200,
      type = "text/event-stream",
      headers = {},
      body: bytes,
      cut,
    } = form[Math.min(made, form.length - 1)] ?? { body: "" };
    response.writeHead(status, { "content-type": type, ...headers });
    if (!cut) return void response.end(bytes);
    response.write(bytes, () => response.destroy());
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
