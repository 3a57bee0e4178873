import path from "node:path";
import { parseArgs } from "node:util";

/** Why Studio cannot start, in one sentence that says what to do. */
export class StartFailure extends Error {}

export const HELP = `npm start -- [options]

  --port 3000           where browsers reach Studio
  --data .studio        folder of all data
  --reset               starts over: deletes the data folder first
  --new-secrets         goes on without a secrets.json that was lost: people sign in again, provider keys are entered again
  --lean-sandboxes      sandboxes without npm, pnpm, bun and tsc: 220 MB less to fetch
  --convex-port 3210    the local services' own ports
  --site-port 3211
  --sandbox-port 3220
  --model-port 3230
  --preview-port 3240   where browsers reach previews of sandboxes
  --worker-port 3250    carries sessions in a process of its own, which says there that it is healthy
`;

export interface UpOptions {
  /** Absolute path. */
  data: string;
  reset: boolean;
  /** Makes new secrets over data whose own were lost. */
  newSecrets?: boolean;
  dev: boolean;
  help: boolean;
  /** Whether sandboxes do without the tools that npm ships. */
  leanSandboxes?: boolean;
  ports: {
    web: number;
    convex: number;
    site: number;
    sandbox: number;
    model: number;
    preview: number;
    worker?: number;
  };
}

function port(text: string, flag: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65_535)
    throw new StartFailure(`--${flag}: “${text}” is not a port between 1 and 65535.`);
  return value;
}

/** @throws StartFailure that names the option that is wrong */
export function parseOptions(argv: string[]): UpOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        port: { type: "string", default: "3000" },
        data: { type: "string", default: ".studio" },
        reset: { type: "boolean", default: false },
        "new-secrets": { type: "boolean", default: false },
        dev: { type: "boolean", default: false },
        "lean-sandboxes": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        "convex-port": { type: "string", default: "3210" },
        "site-port": { type: "string", default: "3211" },
        "sandbox-port": { type: "string", default: "3220" },
        "model-port": { type: "string", default: "3230" },
        "preview-port": { type: "string", default: "3240" },
        "worker-port": { type: "string" },
      },
    }));
  } catch (error) {
    // Node's own words, of which the first sentence says what is wrong.
    const [what = ""] = (error as Error).message.split(/[.\n]/);
    throw new StartFailure(
      `${what.charAt(0).toLowerCase()}${what.slice(1)}. This is what there is:\n\n${HELP}`,
    );
  }
  const ports = {
    web: port(values.port, "port"),
    convex: port(values["convex-port"], "convex-port"),
    site: port(values["site-port"], "site-port"),
    sandbox: port(values["sandbox-port"], "sandbox-port"),
    model: port(values["model-port"], "model-port"),
    preview: port(values["preview-port"], "preview-port"),
    ...(values["worker-port"] !== undefined && { worker: port(values["worker-port"], "worker-port") }),
  };
  if (new Set(Object.values(ports)).size < Object.values(ports).length)
    throw new StartFailure("two services have been given the same port. Give each its own.");
  return {
    data: path.resolve(values.data),
    reset: values.reset,
    newSecrets: values["new-secrets"],
    dev: values.dev,
    help: values.help,
    leanSandboxes: values["lean-sandboxes"],
    ports,
  };
}
