import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError, loadApp } from "./bundle.ts";
import { systemClock } from "./engine/clock.ts";
import { openEngine, type Engine } from "./engine/engine.ts";
import { Authenticator } from "./front/auth.ts";
import { HttpApi } from "./front/http.ts";
import { Site } from "./front/site.ts";
import { SyncServer } from "./front/websocket.ts";

export interface RuntimeOptions {
  /** The app's `convex/` folder. */
  dir: string;
  /** Where everything is stored; made if missing. */
  data: string;
  /** 0 takes any free port. */
  port: number;
  sitePort: number;
  adminKey: string;
  /** What the app sees as `process.env`, besides CONVEX_CLOUD_URL and CONVEX_SITE_URL. */
  env: Record<string, string>;
}
export interface RunningRuntime {
  url: string;
  siteUrl: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Something outside the app keeps the runtime from starting; the message is one sentence. */
export class StartError extends Error {
  override name = "StartError";
}

/** Serves an app's folder. @throws StartError, AppError */
export async function startRuntime(options: RuntimeOptions): Promise<RunningRuntime> {
  const release = lockData(options.data);
  const api = http.createServer(starting);
  const site = http.createServer(starting);
  let engine: Engine | null = null;
  try {
    // The ports come first: the app's environment names them.
    const url = await listen(api, options.port);
    const siteUrl = await listen(site, options.sitePort);
    const app = await loadApp({
      dir: path.resolve(options.dir),
      outDir: path.resolve(options.data, "bundle"),
      env: { ...options.env, CONVEX_CLOUD_URL: url, CONVEX_SITE_URL: siteUrl },
    });
    const { modules, schema, crons, providers } = app;
    engine = open({ modules, schema, crons, path: path.join(options.data, "data.sqlite") });
    const authenticator = new Authenticator({
      providers,
      adminKey: options.adminKey,
      now: systemClock.now,
    });
    const httpApi = new HttpApi(engine, authenticator);
    const siteApi = new Site(engine, authenticator);
    siteApi.origin = siteUrl;
    const sync = new SyncServer(api, { engine, authenticator, now: systemClock.now });
    await engine.start();
    api.off("request", starting).on("request", httpApi.handle);
    site.off("request", starting).on("request", siteApi.handle);
    const running = engine;
    const close = async (): Promise<void> => {
      sync.close();
      await Promise.all([stop(api), stop(site)]);
      await running.close();
      release();
    };
    return { url, siteUrl, close };
  } catch (error) {
    await Promise.all([stop(api), stop(site)]);
    await engine?.close();
    release();
    throw error;
  }
}

function starting(_request: http.IncomingMessage, response: http.ServerResponse): void {
  response.writeHead(503, { "content-type": "application/json", "retry-after": "1" });
  response.end(JSON.stringify({ code: "ServiceUnavailable", message: "The runtime is starting." }));
}

function open(options: Parameters<typeof openEngine>[0]): Engine {
  try {
    return openEngine(options);
  } catch (error) {
    throw new AppError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** One runtime a data folder. The lock is SQLite's own, so it ends with the process, however that ends. */
function lockData(data: string): () => void {
  let lock: DatabaseSync | null = null;
  try {
    fs.mkdirSync(data, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(path.join(data, "lock.sqlite"));
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      /locked|busy/.test(reason)
        ? `The data folder ${data} is in use by another runtime.`
        : `The data folder ${data} cannot be used: ${reason}.`,
      { cause: error },
    );
  }
  const held = lock;
  return () => held.close();
}

function listen(server: http.Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const busy = error.code === "EADDRINUSE";
      reject(
        new StartError(
          busy
            ? `Port ${port} is already in use; choose another one with --port or --site-port.`
            : `Port ${port} cannot be used: ${error.message}.`,
        ),
      );
    });
    server.listen(port, HOST, () => {
      resolve(`http://${HOST}:${(server.address() as AddressInfo).port}`);
    });
  });
}

function stop(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
