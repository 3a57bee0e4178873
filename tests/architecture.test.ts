import fs from "node:fs";
import path from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";

/** Each layer's own files, and the layers it may import besides itself. The first match owns the file. */
const LAYERS: { name: string; within: string[]; mayImport: string[] }[] = [
  { name: "generated", within: ["convex/_generated/"], mayImport: ["convex"] },
  { name: "domain", within: ["lib/domain/"], mayImport: [] },
  { name: "contracts", within: ["lib/contracts/"], mayImport: ["domain"] },
  { name: "net", within: ["lib/net/"], mayImport: [] },
  { name: "mcp", within: ["lib/mcp/"], mayImport: ["domain", "net"] },
  // Published by itself: it needs nothing of Studio's, and no package.
  { name: "sdk", within: ["lib/sdk/"], mayImport: [] },
  { name: "convex", within: ["convex/"], mayImport: ["domain", "generated"] },
  {
    name: "server",
    within: ["lib/server/"],
    mayImport: ["domain", "contracts", "generated", "net", "mcp"],
  },
  {
    name: "client",
    within: ["lib/client/"],
    mayImport: ["domain", "contracts", "generated", "net"],
  },
  { name: "runtime", within: ["lib/runtime/"], mayImport: ["net"] },
  { name: "sandbox-host", within: ["lib/sandbox-host/"], mayImport: ["net"] },
  { name: "demo-model", within: ["lib/demo-model/"], mayImport: ["net"] },
  { name: "stripe-stand-in", within: ["lib/stripe-stand-in/"], mayImport: [] },
  { name: "cli", within: ["lib/cli/"], mayImport: ["domain", "contracts", "net"] },
  { name: "ui", within: ["components/ui/"], mayImport: ["client", "domain"] },
  { name: "components", within: ["components/"], mayImport: ["ui", "client", "domain"] },
  {
    name: "app",
    within: ["app/", "instrumentation.ts", "proxy.ts", "next.config.ts"],
    mayImport: ["components", "ui", "client", "server", "contracts", "domain", "generated"],
  },
];
/**
 * The rooms of lib/server that sessions pass through, and which of the others each may enter. What else lies in
 * lib/server may enter the first one alone, and whatever `open` names.
 */
const ROOMS: { room: string; mayEnter: string[]; open?: string[] }[] = [
  { room: "lib/server/sandbox/", mayEnter: [], open: ["lib/server/sandbox/"] },
  { room: "lib/server/agent/", mayEnter: ["lib/server/sandbox/"] },
  {
    room: "lib/server/sandbox-start/",
    mayEnter: ["lib/server/sandbox/", "lib/server/agent/"],
    // Where a sandbox finds Studio: its package managers are told so, too.
    // MCP servers of the sandbox are tested in one of their own.
    open: ["lib/server/sandbox-start/addresses.ts", "lib/server/sandbox-start/mcp-look.ts"],
  },
  {
    room: "lib/server/engine/",
    mayEnter: ["lib/server/sandbox/", "lib/server/agent/", "lib/server/sandbox-start/"],
  },
  {
    room: "lib/server/sessions/",
    mayEnter: [
      "lib/server/sandbox/",
      "lib/server/engine/wake.ts",
      // Whether another payer's agent would be set up in another way.
      "lib/server/sandbox-start/opencode-config.ts",
      // What a terminal finds the project by.
      "lib/server/sandbox-start/project-access.ts",
    ],
    open: ["lib/server/sessions/"],
  },
  {
    room: "lib/server/settings/",
    mayEnter: ["lib/server/engine/wake.ts", "lib/server/sandbox/service.ts"],
    open: ["lib/server/settings/"],
  },
  { room: "lib/server/worker/", mayEnter: ["lib/server/engine/"] },
  { room: "lib/server/start.ts", mayEnter: ["lib/server/engine/"], open: ["lib/server/start.ts"] },
];
const ROOTS = ["app", "components", "convex", "lib"];
const SOURCE = /\.(ts|tsx|mjs|js)$/;

function walk(dir: string): string[] {
  if (!fs.existsSync(dir)) return [];
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = `${dir}/${entry.name}`;
    return entry.isDirectory() ? walk(file) : SOURCE.test(entry.name) ? [file] : [];
  });
}

const files = [...ROOTS.flatMap(walk), ...["instrumentation.ts", "proxy.ts"].filter((f) => fs.existsSync(f))];
const layerOf = (file: string) =>
  LAYERS.find((layer) => layer.within.some((prefix) => file.startsWith(prefix)));

/** Every module that a file names: static and dynamic imports, and re-exports, types included. */
function importsOf(file: string): string[] {
  const source = fs.readFileSync(file, "utf8");
  const { module, errors } = parseSync(file, source);
  expect(errors, `${file} does not parse`).toEqual([]);
  const dynamic = module.dynamicImports.map((i) => source.slice(i.moduleRequest.start, i.moduleRequest.end));
  return [
    ...module.staticImports.map((i) => i.moduleRequest.value),
    ...module.staticExports.flatMap((e) =>
      e.entries.flatMap((x) => (x.moduleRequest ? [x.moduleRequest.value] : [])),
    ),
    ...dynamic.flatMap((text) => /^["'](.*)["']$/.exec(text)?.[1] ?? []),
  ];
}

/** Every module that a file needs when it runs: what is named for its types alone is gone by then. */
function neededBy(file: string): string[] {
  const { module } = parseSync(file, fs.readFileSync(file, "utf8"));
  const named = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({ request: moduleRequest.value, entries })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) =>
        entry.moduleRequest ? [{ request: entry.moduleRequest.value, entries: [entry] }] : [],
      ),
    ),
  ];
  const kept = (entries: { isType: boolean }[]) =>
    entries.length === 0 || entries.some(({ isType }) => !isType);
  const runs = new Set(named.filter(({ entries }) => kept(entries)).map(({ request }) => request));
  const typesAlone = new Set(named.map(({ request }) => request).filter((request) => !runs.has(request)));
  return importsOf(file).filter((request) => !typesAlone.has(request));
}

/** The layers' names in imports, such as `#domain/`, with their folders: `imports` of package.json. */
const ALIASES = Object.entries(
  (JSON.parse(fs.readFileSync("package.json", "utf8")) as { imports: Record<string, string> }).imports,
).map(([alias, folder]) => ({
  alias: alias.replace("*", ""),
  folder: folder.replace("./", "").replace("*", ""),
}));

/** The file that an import of this repository names, from its root; undefined for a package. */
function pathOf(from: string, request: string): string | undefined {
  if (request.startsWith(".")) return path.posix.join(path.posix.dirname(from), request);
  const known = ALIASES.find(({ alias }) => request.startsWith(alias));
  return known && known.folder + request.slice(known.alias.length);
}

function resolve(from: string, request: string): string | undefined {
  const base = pathOf(from, request);
  if (base === undefined) return undefined;
  const known = [
    base,
    `${base}.ts`,
    `${base}.tsx`,
    `${base}.js`,
    `${base}.d.ts`,
    base.replace(/\.js$/, ".ts"),
    base.replace(/\.js$/, ".d.ts"),
  ];
  return known.find((f) => fs.existsSync(f) && fs.statSync(f).isFile());
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));
const local = new Map(
  [...graph].map(([file, requests]) => [file, requests.flatMap((r) => resolve(file, r) ?? [])]),
);

describe("architecture", () => {
  test("every source file was read and belongs to a layer", () => {
    expect(graph.size).toBe(files.length);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !layerOf(file))).toEqual([]);
  });

  test("layers import only what DESIGN allows", () => {
    const wrong = [...local].flatMap(([file, targets]) =>
      targets.flatMap((target) => {
        const from = layerOf(file);
        const to = layerOf(target);
        if (!from || !to || from === to || from.mayImport.includes(to.name)) return [];
        return [`${file} (${from.name}) may not import ${target} (${to.name})`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("each room of the server enters only those that it may", () => {
    const roomOf = (file: string) => ROOMS.find(({ room }) => file.startsWith(room));
    const wrong = [...local].flatMap(([file, targets]) =>
      targets.flatMap((target) => {
        const from = roomOf(file);
        const to = roomOf(target);
        if (!to || from === to) return [];
        const allowed = from ? from.mayEnter : (to.open ?? []);
        return allowed.some((prefix) => target.startsWith(prefix)) ? [] : [`${file} may not enter ${target}`];
      }),
    );
    expect(ROOMS.filter(({ room }) => !files.some((file) => file.startsWith(room)))).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test("local imports resolve, and name their file's ending", () => {
    const wrong = [...graph].flatMap(([file, requests]) =>
      requests
        .filter((r) => /^[.#]/.test(r) && !r.endsWith(".css"))
        .filter(
          (r) =>
            !resolve(file, r) || (!`${file} ${r}`.includes("_generated") && !/\.(tsx?|mjs|js|json)$/.test(r)),
        )
        .map((r) => `${file}: ${r}`),
    );
    expect(wrong).toEqual([]);
  });

  test("an import from another layer goes by the layer's name", () => {
    const folderOf = (file: string) => ALIASES.find(({ folder }) => file.startsWith(folder))?.folder;
    const wrong = [...graph].flatMap(([file, requests]) =>
      requests.flatMap((request) => {
        const to = folderOf(pathOf(file, request) ?? "");
        if (!to || file.startsWith("convex/_generated/")) return [];
        return (to === folderOf(file)) === request.startsWith(".") ? [] : [`${file}: ${request}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("only lib/server/auth names an auth library", () => {
    const wrong = [...graph].filter(
      ([file, requests]) =>
        !file.startsWith("lib/server/auth/") && requests.some((r) => /^(better-auth|@clerk)(\/|$)/.test(r)),
    );
    expect(wrong.map(([file]) => file)).toEqual([]);
  });

  test("a library behind a place of ours is named there alone", () => {
    const places: [library: RegExp, within: string[]][] = [
      [/^p-retry$/, ["lib/net/retry.ts"]],
      [/^lru-cache$/, ["lib/server/cache.ts"]],
      [/^pino$/, ["lib/server/log.ts"]],
      [/^nodemailer$/, ["lib/server/notifications/mail.ts"]],
      [/^@opentelemetry\//, ["lib/server/telemetry/"]],
      [/^@octokit\//, ["lib/server/git/github.ts", "lib/server/git/github-app.ts"]],
      [/^@modelcontextprotocol\//, ["lib/mcp/", "lib/server/mcp/"]],
      [/^eventsource-parser$/, ["lib/net/event-stream.ts", "lib/client/sse-parser.ts"]],
      // Lines for people, and what an approval shows of a patch.
      [
        /^diff$/,
        [
          "lib/client/line-diff.ts",
          "lib/client/word-diff.ts",
          "lib/client/patch.ts",
          "lib/server/agent/requests.ts",
        ],
      ],
    ];
    for (const [library, within] of places) {
      const naming = [...graph].filter(([, requests]) => requests.some((r) => library.test(r)));
      expect(naming.length, String(library)).toBeGreaterThan(0);
      const wrong = naming.filter(([file]) => !within.some((prefix) => file.startsWith(prefix)));
      expect(wrong.map(([file]) => file)).toEqual([]);
    }
  });

  // It tries `eval` when a schema is made, which the page's policy stops and reports.
  test("zod is not among what the page loads", () => {
    const seen = new Map<string, string>();
    const isOfPage = (file: string) => /^(components|lib\/client)\//.test(file);
    const next = files.filter(isOfPage).map((file) => [file, file] as const);
    const wrong: string[] = [];
    for (let at = next.pop(); at; at = next.pop()) {
      const [file, trail] = at;
      if (seen.has(file)) continue;
      seen.set(file, trail);
      for (const request of neededBy(file)) {
        if (/^zod(\/|$)/.test(request)) wrong.push(trail);
        const target = resolve(file, request);
        if (target && SOURCE.test(target)) next.push([target, `${trail} → ${target}`]);
      }
    }
    expect(seen.size).toBeGreaterThan(files.filter(isOfPage).length);
    expect(wrong).toEqual([]);
  });

  test("no circle of imports", () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, trail: string[]) => {
      if (trail.includes(file))
        return void circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      if (done.has(file) || file.startsWith("convex/_generated/")) return;
      for (const next of local.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of local.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  test("the sentence of every refusal is in lib/domain/problems", () => {
    const refusers =
      /^(refuse|refuseWith|refused|refusal|waiting|no|HttpError|APIError|Refusal|ForbiddenAddress)$/;
    let calls = 0;
    const wrong = files
      .filter((file) => /^(convex|lib\/server)\//.test(file) && !file.includes("/_generated/"))
      .flatMap((file) => {
        const source = fs.readFileSync(file, "utf8");
        const found: string[] = [];
        const look = (node: {
          callee: { start: number; end: number };
          arguments: { start: number; end: number }[];
        }) => {
          if (!refusers.test(source.slice(node.callee.start, node.callee.end))) return;
          calls += 1;
          for (const { start, end } of node.arguments) {
            const text = source.slice(start, end);
            if (/["`'][^"`']*\p{L}+ \p{L}+/u.test(text)) found.push(`${file}: ${text.slice(0, 60)}`);
          }
        };
        new Visitor({ CallExpression: look, NewExpression: look }).visit(parseSync(file, source).program);
        return found;
      });
    expect(calls).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
  });

  test("no source file is longer than 400 lines", () => {
    const long = files
      .filter((file) => !file.includes("/_generated/"))
      .map((file) => [file, fs.readFileSync(file, "utf8").split("\n").length - 1] as const)
      .filter(([, lines]) => lines > 400);
    expect(long).toEqual([]);
  });
});
