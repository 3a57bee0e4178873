import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { addCertificates, readCertificates } from "./certificates.ts";
import { checkTools, tryWalls } from "./check.ts";
import { ControlPlane } from "./control-plane.ts";
import { DataFolder } from "./data-folder.ts";
import { layEnvd } from "./envd-bundle.ts";
import { sealedCopy } from "./sealed-program.ts";
import { StartError } from "./errors.ts";
import { Gateway, targetOf } from "./gateway.ts";
import { PublicAddresses } from "./network/public-addresses.ts";
import { Refusals } from "./network/refusals.ts";
import type { HostOptions } from "./options.ts";
import { memoryForSandboxes } from "./memory.ts";
import { Sandboxes } from "./sandboxes.ts";
import { Snapshots } from "./snapshots.ts";
import { BASE_TEMPLATE, readTemplate, type Template } from "./templates.ts";
import { writeEtc } from "./walls/bubblewrap.ts";
import { tryLayers } from "./walls/layers.ts";
import { NO_STAGE, openStage, type Stage } from "./walls/stage.ts";

const KEEP_ALIVE_MS = 65_000;

export interface Host {
  /** `http://127.0.0.1:<port>`: control plane and sandbox traffic alike. */
  url: string;
  /** Ends all sandboxes and stops listening. */
  close(): Promise<void>;
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "another program uses it" : error.message;
      reject(new StartError(`Cannot listen on 127.0.0.1:${port}: ${reason}.`));
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Makes what all sandboxes have in common, and shows it to their builders, who have `uid` if it is given. */
async function prepareShared(
  data: DataFolder,
  templates: ReadonlyMap<string, Template>,
  uid: number | undefined,
): Promise<{ etc: string; envd: string; node: string; stage: Stage }> {
  const [etc, envd] = [path.join(data.system, "etc"), path.join(data.system, "envd")];
  const mounted = [...templates.values()].flatMap(({ mounts }) => mounts.map(({ source }) => source));
  const node = path.join(data.root, "node");
  const sources = [data.sandboxes, data.system, node, ...mounted];
  try {
    // envd holds the secrets of its sandbox, and runs under the same user as what is let run there.
    await sealedCopy(process.execPath, node);
    writeEtc(etc);
    return { etc, envd, node, stage: uid === undefined ? NO_STAGE : await openStage(sources, uid) };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).trim().split("\n").join(" ");
    throw new StartError(`What sandboxes have in common cannot be prepared: ${reason}`);
  }
}

/**
 * Starts a host: sweeps what an earlier one left, proves that walls can be built, and listens.
 * @throws StartError with one sentence about why it cannot
 */
export async function startHost(options: HostOptions, log: (line: string) => void): Promise<Host> {
  const templates = new Map<string, Template>([
    ["base", BASE_TEMPLATE],
    ...[...options.templates].map(([name, folder]) => [name, readTemplate(name, folder)] as const),
  ]);
  const certificates = options.caFile === undefined ? undefined : readCertificates(options.caFile);
  const data = new DataFolder(options.dataFolder);
  data.claim();
  const swept = await data.sweep(log);
  if (swept > 0) log(`removed ${swept} sandbox(es) that an earlier host left`);
  const uids = checkTools();
  const shared = await prepareShared(data, templates, uids?.first);
  await Promise.all([
    layEnvd(shared.envd),
    tryWalls(path.join(data.sandboxes, "trial"), { ...shared, uid: uids?.first }),
  ]);
  const layers =
    uids !== undefined && (await tryLayers(path.join(data.sandboxes, "layers"), uids.first, log));
  const env = certificates === undefined ? {} : addCertificates(shared.etc, certificates);
  const refusals = new Refusals();
  const sandboxes = new Sandboxes(
    {
      data,
      ...shared,
      limits: options.limits,
      policy: {
        published: options.published,
        ceiling: options.egress,
        addresses: new PublicAddresses(options.publicAddresses),
      },
      refusals,
      env,
      log,
      layers,
    },
    uids,
    options.ready,
  );
  const { domain, apiKey } = options;
  const snapshots = new Snapshots(data, templates, log);
  const controlPlane = new ControlPlane({
    sandboxes,
    refusals,
    templates,
    snapshots,
    domain,
    apiKey,
    memoryMb: memoryForSandboxes(),
  });
  const gateway = new Gateway(sandboxes);
  const server = http.createServer((req, res) => {
    const target = targetOf(req.headers);
    // Streams last, so that only their start and end tell of work to do; who asks for health may ask always.
    if (req.url !== "/health") {
      sandboxes.busy();
      res.once("close", () => sandboxes.busy());
    }
    const answered = target ? gateway.handle(req, res, target) : controlPlane.handle(req, res);
    answered.catch((error: unknown) => {
      log(`request failed: ${error instanceof Error ? error.stack : String(error)}`);
      res.destroy();
    });
  });
  server.on("upgrade", (req, socket, head) => {
    const target = targetOf(req.headers);
    if (!target) return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
    void gateway.upgrade(req, socket, head, target);
  });
  // Uploads, commands and event streams last as long as they last.
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      await sandboxes.close();
      server.closeAllConnections();
      await data.emptied();
    },
  };
}
