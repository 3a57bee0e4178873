import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { Answer, MutationAnswer } from "../engine/engine.ts";
import type { ServedEngine } from "../host/host.ts";
import type { Source } from "../engine/call.ts";
import type { Json } from "../engine/json.ts";
import type { LiveClient, Modification, Transition, Version } from "../engine/live.ts";
import { ANONYMOUS, type Authenticator, type Caller } from "./auth.ts";
import { parseMessage, type ClientMessage } from "./messages.ts";
import { MAX_SUBSCRIPTIONS, MessageSize, STRANGER } from "./strangers.ts";
import { shownLines, toWireError, toWireFailure, type Style } from "./style.ts";
import { argumentsText, decodeTs, encodeTs, sourceOf } from "./wire.ts";

const SYNC_PATH = /^\/api\/(?:[^/]+\/)?sync$/;
const PING_MS = 15_000;
const SILENCE_MS = 60_000;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** A client that does not read is cut off; it comes back and asks for its queries again. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
const CHUNK_CHARACTERS = 5 * 1024 * 1024;
const MAX_TIMER_MS = 2 ** 31 - 1;

interface SyncOptions {
  engine: ServedEngine;
  authenticator: Authenticator;
  now: () => number;
  style: Style;
}

/** The sync protocol of the official clients, on the API's port. */
export class SyncServer {
  private readonly options: SyncOptions;
  private readonly sockets: WebSocketServer;
  private readonly connections = new Set<Connection>();
  private readonly pings: NodeJS.Timeout;

  constructor(server: Server, options: SyncOptions) {
    this.options = options;
    this.sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", (error) => process.stderr.write(`websocket: ${error.message}\n`));
      const [pathname = ""] = (request.url ?? "").split("?");
      if (!SYNC_PATH.test(pathname)) return socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      this.sockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.connect(webSocket, socket, sourceOf(request)),
      );
    });
    this.pings = setInterval(() => {
      for (const connection of this.connections) connection.ping();
    }, PING_MS);
    this.pings.unref();
  }

  /** Ends every connection; clients reconnect when the runtime is back. */
  close(): void {
    clearInterval(this.pings);
    for (const connection of this.connections) connection.end(1001, "InternalServerError");
    this.sockets.close();
  }

  private connect(webSocket: WebSocket, socket: Duplex, source: Source): void {
    const connection = new Connection(webSocket, socket, this.options, source);
    this.connections.add(connection);
    this.makeRoom();
    webSocket.on("close", () => this.connections.delete(connection));
  }

  /** Ends the oldest of the strangers where there are too many: whoever signs in does so within moments. */
  private makeRoom(): void {
    if (this.connections.size <= STRANGER.sockets) return;
    const strangers = [...this.connections].filter((connection) => connection.isStranger);
    for (const connection of strangers.slice(0, Math.max(0, strangers.length - STRANGER.sockets)))
      connection.end(1013, "TooManyConnections");
  }
}

/** One client's socket. Its messages are handled one after another, its mutations in their order. */
class Connection {
  private readonly socket: WebSocket;
  private readonly engine: ServedEngine;
  private readonly authenticator: Authenticator;
  private readonly now: () => number;
  private readonly style: Style;
  private readonly live: LiveClient;
  private source: Source;
  private pending: Promise<void> = Promise.resolve();
  private session: string | null = null;
  private caller: Caller = ANONYMOUS;
  private querySet = 0;
  private identity = 0;
  private expiry: NodeJS.Timeout | undefined;
  private heardMs: number;
  private messageMs: number;
  private readonly size: MessageSize;
  /** Bytes of messages that were not handled yet. */
  private waiting = 0;
  private calls = 0;
  private readonly subscriptions = new Set<number>();

  constructor(socket: WebSocket, raw: Duplex, options: SyncOptions, source: Source) {
    const { engine, authenticator, now, style } = options;
    this.socket = socket;
    this.size = new MessageSize(
      raw,
      () => this.isStranger,
      () => this.end(1009, "MessageTooLarge"),
    );
    this.source = source;
    this.engine = engine;
    this.authenticator = authenticator;
    this.now = now;
    this.style = style;
    this.heardMs = now();
    this.messageMs = now();
    this.live = engine.openLive((transition) => this.sendTransition(transition));
    socket.on("message", (data) => this.receive(data));
    socket.on("pong", () => {
      this.heardMs = this.now();
    });
    socket.on("error", (error) => process.stderr.write(`websocket: ${error.message}\n`));
    socket.on("close", () => {
      clearTimeout(this.expiry);
      this.live.close();
    });
  }

  /** True as long as nobody has vouched for the client. */
  get isStranger(): boolean {
    return this.caller.identity === null && !this.caller.admin;
  }

  ping(): void {
    if (this.now() - this.heardMs > SILENCE_MS) return this.socket.terminate();
    if (this.isStranger && this.now() - this.messageMs > STRANGER.idleMs) return this.end(1000, "Idle");
    this.send('{"type":"Ping"}');
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  end(code: number, reason: string): void {
    this.socket.close(code, reason);
    this.socket.terminate();
  }

  private receive(data: RawData): void {
    this.heardMs = this.now();
    this.messageMs = this.heardMs;
    this.size.next();
    const text = (data as Buffer).toString("utf8");
    this.waiting += text.length;
    if (this.waiting > (this.isStranger ? STRANGER.waitingBytes : MAX_MESSAGE_BYTES))
      return this.end(1009, "TooManyMessages");
    this.pending = this.pending
      .then(() => {
        this.waiting -= text.length;
        // One that was ended has no answer to wait for.
        if (this.socket.readyState === this.socket.OPEN) return this.handle(parseMessage(text));
      })
      .catch((error: unknown) => {
        this.fatal(error instanceof Error ? error.message : String(error));
      });
  }

  /** What is awaited here holds up the client's next message: only the check of a token does. */
  private async handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "Connect":
        return this.connect(message);
      case "Authenticate":
        return this.authenticate(message);
      case "ModifyQuerySet":
        return this.modifyQuerySet(message);
      case "Mutation":
        return this.mutate(message);
      case "Action":
        return this.act(message);
      case "Event":
        return;
    }
  }

  private connect(message: Extract<ClientMessage, { type: "Connect" }>): void {
    this.session = message.sessionId;
    const observed = message.maxObservedTimestamp;
    // The client has seen a future that this database does not know: it must not trust what we hold.
    if (observed && decodeTs(observed) > this.engine.ts) this.end(1011, "InternalServerError");
  }

  private async authenticate(message: Extract<ClientMessage, { type: "Authenticate" }>): Promise<void> {
    if (message.baseVersion !== this.identity) {
      return this.fatal(
        `Base version ${message.baseVersion} does not match the identity version ${this.identity}`,
      );
    }
    try {
      this.caller = await this.identify(message);
    } catch (error) {
      return this.refuseAuth(
        error instanceof Error ? error.message : String(error),
        message.baseVersion,
        true,
      );
    }
    this.identity++;
    const authToken = message.tokenType === "User" ? (message.value ?? null) : null;
    this.source = { ...this.source, authToken };
    this.watchExpiry();
    this.live.setIdentity(this.caller.identity, this.caller.admin, this.identity);
  }

  private async identify(message: Extract<ClientMessage, { type: "Authenticate" }>): Promise<Caller> {
    if (message.tokenType === "None") return ANONYMOUS;
    if (message.tokenType === "User") return this.authenticator.fromToken(message.value ?? "");
    return this.authenticator.fromAdminKey(message.value ?? "", message.impersonating as Json | undefined);
  }

  private watchExpiry(): void {
    clearTimeout(this.expiry);
    const { expiresMs } = this.caller;
    if (expiresMs === null) return;
    this.expiry = setTimeout(
      () => {
        if (!this.expired()) return this.watchExpiry();
        this.refuseExpired();
      },
      Math.min(Math.max(expiresMs - this.now(), 0) + 1, MAX_TIMER_MS),
    );
    this.expiry.unref();
  }

  private expired(): boolean {
    return this.caller.expiresMs !== null && this.caller.expiresMs <= this.now();
  }

  private refuseExpired(): void {
    this.refuseAuth("The token has expired", Math.max(this.identity - 1, 0), false);
  }

  /** The client fetches a fresh token and connects again. */
  private refuseAuth(error: string, baseVersion: number, authUpdateAttempted: boolean): void {
    this.send(JSON.stringify({ type: "AuthError", error, baseVersion, authUpdateAttempted }));
    this.live.close();
    this.socket.close(1000, "AuthError");
  }

  private modifyQuerySet(message: Extract<ClientMessage, { type: "ModifyQuerySet" }>): void {
    if (message.baseVersion !== this.querySet) {
      return this.fatal(
        `Base version ${message.baseVersion} does not match the query set version ${this.querySet}`,
      );
    }
    this.querySet = message.newVersion;
    for (const modification of message.modifications)
      if (modification.type === "Add") this.subscriptions.add(modification.queryId);
      else this.subscriptions.delete(modification.queryId);
    if (this.subscriptions.size > (this.isStranger ? STRANGER.subscriptions : MAX_SUBSCRIPTIONS))
      return this.fatal("Too many queries are subscribed to on one connection");
    const added = message.modifications.flatMap((modification) =>
      modification.type === "Add"
        ? [
            {
              queryId: modification.queryId,
              path: modification.udfPath,
              args: argumentsText(modification.args),
              journal: modification.journal ?? null,
            },
          ]
        : [],
    );
    const removed = message.modifications.flatMap((modification) =>
      modification.type === "Remove" ? [modification.queryId] : [],
    );
    this.live.modify(this.querySet, added, removed);
  }

  private mutate(message: Extract<ClientMessage, { type: "Mutation" }>): void {
    if (this.expired()) return this.refuseExpired();
    const { requestId } = message;
    const origin = this.session === null ? {} : { origin: { session: this.session, request: requestId } };
    const succeed = ({ value, ts, logLines }: MutationAnswer): void => {
      this.send(
        `{"type":"MutationResponse","requestId":${requestId},"success":true,"result":${value},"ts":"${encodeTs(ts)}","logLines":${this.logLines(logLines)}}`,
      );
      // The client settles its promise when a transition reaches the mutation's time.
      this.live.touch();
    };
    const refuse = (error: unknown): void => this.fail("MutationResponse", requestId, error);
    if (this.begin())
      this.engine
        .mutation({ ...this.request(message), ...origin })
        .then(succeed, refuse)
        .finally(this.ended);
  }

  private act(message: Extract<ClientMessage, { type: "Action" }>): void {
    if (this.expired()) return this.refuseExpired();
    const { requestId } = message;
    const succeed = ({ value, logLines }: Answer): void => {
      this.send(
        `{"type":"ActionResponse","requestId":${requestId},"success":true,"result":${value},"logLines":${this.logLines(logLines)}}`,
      );
    };
    const refuse = (error: unknown): void => this.fail("ActionResponse", requestId, error);
    if (this.begin()) this.engine.action(this.request(message)).then(succeed, refuse).finally(this.ended);
  }

  /** Counts a call that begins; false where a stranger has too many under way, and the connection ends. */
  private begin(): boolean {
    if (this.isStranger && this.calls >= STRANGER.calls) {
      this.fatal("Too many calls are under way on one connection");
      return false;
    }
    this.calls += 1;
    return true;
  }

  private readonly ended = (): void => {
    this.calls -= 1;
  };

  private request(message: { udfPath: string; args: unknown[] }) {
    return {
      path: message.udfPath,
      args: argumentsText(message.args),
      identity: this.caller.identity,
      internal: this.caller.admin,
      source: this.source,
    };
  }

  private fail(type: string, requestId: number, error: unknown): void {
    const { message: result, data: errorData, logLines } = toWireError(error, this.style, this.caller.admin);
    this.send(JSON.stringify({ type, requestId, success: false, result, errorData, logLines }));
  }

  private readonly modificationText = (modification: Modification): string =>
    modificationText(modification, this.style, this.caller.admin);

  private logLines(lines: readonly string[]): string {
    return JSON.stringify(shownLines(lines, this.style, this.caller.admin));
  }

  private fatal(error: string): void {
    this.send(JSON.stringify({ type: "FatalError", error }));
    this.live.close();
    this.socket.close(1008, "FatalError");
  }

  private sendTransition({ start, end, modifications }: Transition): void {
    const text = `{"type":"Transition","startVersion":${versionText(start)},"endVersion":${versionText(end)},"modifications":[${modifications.map(this.modificationText).join(",")}]}`;
    if (text.length <= CHUNK_CHARACTERS) return this.send(text);
    const transitionId = randomUUID();
    const totalParts = Math.ceil(text.length / CHUNK_CHARACTERS);
    for (let partNumber = 0; partNumber < totalParts; partNumber++) {
      const chunk = text.slice(partNumber * CHUNK_CHARACTERS, (partNumber + 1) * CHUNK_CHARACTERS);
      this.send(JSON.stringify({ type: "TransitionChunk", chunk, partNumber, totalParts, transitionId }));
    }
  }

  private send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_UNSENT_BYTES) {
      process.stderr.write("websocket: a client does not read what it is sent; its connection is ended\n");
      return this.socket.terminate();
    }
    this.socket.send(text);
  }
}

function versionText({ querySet, identity, ts }: Version): string {
  return `{"querySet":${querySet},"identity":${identity},"ts":"${encodeTs(ts)}"}`;
}

function modificationText(modification: Modification, style: Style, admin: boolean): string {
  const { queryId } = modification;
  if (modification.type === "removed") return `{"type":"QueryRemoved","queryId":${queryId}}`;
  const journal = JSON.stringify(modification.journal);
  if (modification.type === "updated") {
    const lines = JSON.stringify(shownLines(modification.logLines, style, admin));
    return `{"type":"QueryUpdated","queryId":${queryId},"value":${modification.value},"logLines":${lines},"journal":${journal}}`;
  }
  const failure = toWireFailure(modification.failure, style, admin);
  const { message: errorMessage, data: errorData, logLines } = failure;
  const failed = JSON.stringify({ type: "QueryFailed", queryId, errorMessage, errorData, logLines });
  return `${failed.slice(0, -1)},"journal":${journal}}`;
}
