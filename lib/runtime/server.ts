import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { bundleApp, type Bundle } from "./bundle.ts";
import { DATABASE, exportsIn, importsIn, lockData, StartError } from "./data-folder.ts";
import { systemClock } from "./engine/clock.ts";
import { FunctionLog } from "./front/function-log.ts";
import { Variables } from "./environment.ts";
import { RuntimeHost } from "./host/host.ts";
import { settleImports } from "./imports/states.ts";
import { watchApp, type Watched } from "./watch.ts";

export interface RuntimeOptions {
  /** The app's `convex/` folder, or the project's with its `convex.json`. */
  dir: string;
  /** Where everything is stored; made if missing. */
  data: string;
  /** 0 takes any free port. */
  port: number;
  sitePort: number;
  adminKey: string;
  /** What the app sees as `process.env`, besides CONVEX_CLOUD_URL and CONVEX_SITE_URL. */
  env: Record<string, string>;
  /** Whether a change of the app's folder is taken over at once. */
  watch: boolean;
  /** Whether clients are told as little as by a hosted deployment in production. */
  production: boolean;
}
export interface RunningRuntime {
  url: string;
  siteUrl: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Serves an app's folder. @throws StartError, AppError */
export async function startRuntime(options: RuntimeOptions): Promise<RunningRuntime> {
  const release = lockData(options.data);
  const api = http.createServer(starting);
  const site = http.createServer(starting);
  let host: RuntimeHost | null = null;
  try {
    // The ports come first: the app's environment names them.
    const url = await listen(api, options.port);
    const siteUrl = await listen(site, options.sitePort);
    const outDir = path.resolve(options.data, "bundle");
    const source = {
      dir: path.resolve(options.dir),
      outDir,
    };
    const variables = new Variables(options.data, {
      ...options.env,
      CONVEX_CLOUD_URL: url,
      CONVEX_SITE_URL: siteUrl,
    });
    const database = path.join(path.resolve(options.data), DATABASE);
    settleImports(importsIn(database), database);
    // While the bundle is made, the worker loads the runtime's code, and this thread what it serves with.
    let bundle = bundleApp({ ...source, env: variables.all });
    const log = new FunctionLog(systemClock.now());
    const running = new RuntimeHost(bundle, { database, url, onEnded: (batch) => log.add(batch) });
    host = running;
    const opening = running.open();
    // Awaited below, after what is loaded meanwhile.
    opening.catch(() => undefined);
    const { Authenticator } = await import("./front/auth.ts");
    const { AdminApi } = await import("./front/admin.ts");
    const { Imports } = await import("./front/imports.ts");
    const { Pushes } = await import("./pushes/pushes.ts");
    const { HttpApi } = await import("./front/http.ts");
    const { Site } = await import("./front/site.ts");
    const { SyncServer } = await import("./front/websocket.ts");
    const { providers } = await opening;
    const authenticator = new Authenticator({
      providers,
      adminKey: options.adminKey,
      now: systemClock.now,
      production: options.production,
    });
    const style = { production: options.production };
    const imports = new Imports(importsIn(database), running, systemClock.now);
    const pushes = new Pushes({
      folder: path.join(options.data, "pushes"),
      project: options.dir,
      env: () => variables.all,
    });
    const exports = exportsIn(database);
    const admin = new AdminApi({ data: options.data, exports, variables, log, imports, pushes });
    const httpApi = new HttpApi(running, authenticator, style, admin);
    const siteApi = new Site(running, authenticator, style);
    siteApi.origin = siteUrl;
    const sync = new SyncServer(api, { engine: running, authenticator, now: systemClock.now, style });
    await running.start();
    api.off("request", starting).on("request", httpApi.handle);
    site.off("request", starting).on("request", siteApi.handle);
    const reload = async (): Promise<Watched> => {
      const next = await bundleApp({ ...source, env: variables.all, keep: await bundle });
      const opened = await running.replace(next);
      bundle = Promise.resolve(next);
      authenticator.setProviders(opened.providers);
      return watchedOf(next);
    };
    variables.onChange = async () => void (await reload());
    const stopWatching = options.watch ? watchApp(watchedOf(await bundle), reload) : null;
    // Once whoever waits for the start knows of it.
    setImmediate(() => void authenticator.prepare());
    const close = async (): Promise<void> => {
      await stopWatching?.();
      sync.close();
      await Promise.all([stop(api), stop(site)]);
      await running.close();
      release();
    };
    return { url, siteUrl, close };
  } catch (error) {
    await Promise.all([stop(api), stop(site)]);
    await host?.close();
    release();
    throw error;
  }
}

function watchedOf({ dir, components, inputs }: Bundle): Watched {
  const installed = /[/\\]node_modules[/\\]/;
  const folders = components.map((component) => component.dir).filter((folder) => !installed.test(folder));
  return { folders: [dir, ...folders], files: inputs };
}

function starting(_request: http.IncomingMessage, response: http.ServerResponse): void {
  response.writeHead(503, { "content-type": "application/json", "retry-after": "1" });
  response.end(JSON.stringify({ code: "ServiceUnavailable", message: "The runtime is starting." }));
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
