import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Template } from "e2b";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEMPLATE_VERSIONS_FILE, templateVersionsSchema } from "#domain/template.ts";
import { VERSION } from "#domain/version.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";
import {
  HOME_FILES,
  INSIDE_AGENT,
  INSIDE_BIN,
  INSIDE_TOOLS,
  TEMPLATE_ENV,
  TOOLS_BIN,
} from "../../../sandbox-template/contents.ts";
import { studioTemplate, writeBuildContext } from "../../../sandbox-template/e2b.ts";
import { writeLocalTemplate } from "../../../sandbox-template/local.ts";
import { templateVersions, VERSIONS } from "../../../sandbox-template/versions.ts";

const REPO = fileURLToPath(new URL("../../..", import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "template-"));
const context = path.join(folder, "context");

interface Definition {
  fromImage: string;
  steps: { type: string; args: string[] }[];
  startCmd?: string;
}
let definition: Definition;
let dockerfile: string;
let local: { mounts: { source: string; target: string }[]; env: Record<string, string>; path: string[] };

beforeAll(async () => {
  const bundle = path.join(folder, "bundle.mjs");
  fs.writeFileSync(bundle, "console.log('struere')\n");
  const agent = path.join(folder, "agent");
  await bundleAgent(REPO, agent);
  await writeBuildContext(context, bundle, agent);
  const template = studioTemplate(context);
  definition = JSON.parse(await Template.toJSON(template, true)) as Definition;
  dockerfile = Template.toDockerfile(template);
  const localFolder = path.join(folder, "local");
  await writeLocalTemplate({ folder: localFolder, repoRoot: REPO, struereBundle: bundle });
  local = JSON.parse(fs.readFileSync(path.join(localFolder, "template.json"), "utf8")) as typeof local;
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const stepsOf = (type: string) => definition.steps.filter((step) => step.type === type).map((s) => s.args);

test("each version is that of the repository's packages", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(REPO, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    optionalDependencies: Record<string, string>;
  };
  expect(VERSIONS).toEqual({
    node: manifest.dependencies["node"],
    opencode: manifest.optionalDependencies["opencode-linux-x64"],
    sandboxAgent: manifest.optionalDependencies["@sandbox-agent/cli-linux-x64"],
  });
  expect(definition.fromImage).toBe(`node:${VERSIONS.node}-slim`);
  expect(dockerfile).toContain(`FROM node:${VERSIONS.node}-slim\n`);
  expect(dockerfile).toContain(
    `RUN npm install -g opencode-linux-x64@${VERSIONS.opencode} @sandbox-agent/cli-linux-x64@${VERSIONS.sandboxAgent}\n`,
  );
});

test("both forms say what they were built with, where a session's server reads it", () => {
  const file = path.join(folder, "local/versions.json");
  const said = templateVersionsSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  expect(said).toEqual(templateVersions());
  expect(said).toMatchObject({ opencode: VERSIONS.opencode, struere: VERSION, pnpm: expect.any(String) });
  expect(Object.keys(templateVersions({ lean: true, struere: false }))).toEqual([
    "node",
    "opencode",
    "sandbox-agent",
  ]);
  expect(local.mounts.map(({ target }) => target)).toContain(TEMPLATE_VERSIONS_FILE);
  const inContext = (name: string) =>
    JSON.parse(fs.readFileSync(path.join(context, name), "utf8")) as unknown;
  expect(inContext("versions.json")).toEqual(said);
  expect(inContext("lean-versions.json")).toEqual(templateVersions({ lean: true }));
  expect(Template.toDockerfile(studioTemplate(context, { lean: true }))).toContain(
    `COPY lean-versions.json ${TEMPLATE_VERSIONS_FILE}`,
  );
});

test("both forms have the same programs, environment and files of the home", () => {
  const links = stepsOf("RUN").flatMap(
    ([command]) => /^ln -s (\S+) (\S+)$/.exec(command ?? "")?.slice(1, 3) ?? [],
  );
  const copied = stepsOf("COPY").map(([, target]) => target);
  const folders = [INSIDE_AGENT, TOOLS_BIN, `${INSIDE_TOOLS}/node_modules`];
  for (const { target } of local.mounts.filter((mount) => !folders.includes(mount.target)))
    expect([...links, ...copied]).toContain(target);
  for (const name of ["bridge.mjs", "seal.mjs", "config/opencode/package-lock.json"])
    expect(copied).toContain(`${INSIDE_AGENT}/${name}`);
  expect(dockerfile).toMatch(/apt-get install -y .*\bripgrep\b.*\bgit\b/);
  const { PATH, ...env } = Object.fromEntries(stepsOf("ENV").flatMap((args) => pairs(args)));
  expect(env).toEqual(TEMPLATE_ENV);
  expect(PATH?.split(":").slice(0, 2)).toEqual(local.path);
  expect(local.env).toEqual(TEMPLATE_ENV);
  for (const name of Object.keys(HOME_FILES)) expect(copied).toContain(`/home/user/${name}`);
});

const pairs = (args: string[]): [string, string][] =>
  args.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, args[i + 1] ?? ""]] : []));

test("both forms have the tools by one lockfile, and a lean one has none of them", async () => {
  const linked = new Map(
    fs
      .readdirSync(path.join(folder, "local/tools"))
      .map((name) => [name, fs.readlinkSync(path.join(folder, "local/tools", name))]),
  );
  expect([...linked.keys()].toSorted()).toEqual(["bun", "bunx", "npm", "npx", "pnpm", "tsc"]);
  for (const [name, file] of linked) expect(dockerfile).toContain(`RUN ln -s ${file} ${TOOLS_BIN}/${name}\n`);
  const lock = fs.readFileSync(path.join(context, "tools/package-lock.json"), "utf8");
  expect(lock).toBe(fs.readFileSync(path.join(REPO, "sandbox-template/tools/package-lock.json"), "utf8"));
  expect(dockerfile).toMatch(/apt-get install -y .*\bpython3-venv\b.*\bbuild-essential\b/);

  const lean = path.join(folder, "lean");
  await writeLocalTemplate({ folder: lean, repoRoot: REPO, lean: true });
  expect(fs.readFileSync(path.join(lean, "template.json"), "utf8")).not.toContain(INSIDE_TOOLS);
  const leanFile = Template.toDockerfile(studioTemplate(context, { lean: true }));
  expect(leanFile).not.toContain(INSIDE_TOOLS);
  expect(leanFile).not.toContain("python3");
});

test("all that it copies is in its context, and each program of its own is on everyone's PATH", () => {
  for (const [source] of stepsOf("COPY"))
    expect(fs.existsSync(path.join(context, source ?? "?")), source).toBe(true);
  for (const name of ["struere", "opencode", "sandbox-agent"]) {
    expect(dockerfile).toMatch(new RegExp(`RUN ln -s \\S+/${name} /usr/local/bin/${name}\n`));
  }
  const wrapper = fs.readFileSync(path.join(context, "bin/struere"), "utf8");
  expect(wrapper).toBe(`#!/bin/sh\nexec ${INSIDE_BIN}/node /opt/studio/struere.mjs "$@"\n`);
});

test("it ends as the user in the workspace, and starts nothing by itself", () => {
  expect(definition.steps.slice(-2)).toMatchObject([
    { type: "WORKDIR", args: ["/workspace"] },
    { type: "USER", args: ["user"] },
  ]);
  expect(definition.startCmd).toBeUndefined();
});

test("SPEC-1: the agent's program cannot be read, nothing of it can be written, and nobody becomes root", () => {
  expect(dockerfile).toMatch(/RUN chown root:root (\S+\/bin\/opencode) && chmod 111 \1\n/);
  const { source } = local.mounts.find(({ target }) => target === `${INSIDE_BIN}/opencode`) ?? { source: "" };
  expect(fs.statSync(source).mode & 0o777).toBe(0o111);
  for (const [, target, owner] of stepsOf("COPY"))
    if (target?.startsWith(INSIDE_AGENT)) expect(owner).toBe("root");
  expect(dockerfile).toContain("! runuser -u user -- sudo -n true");
});
