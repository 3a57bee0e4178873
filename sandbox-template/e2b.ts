import fs from "node:fs/promises";
import path from "node:path";
import { Template, type TemplateBuilder } from "e2b";
import { SEALED_MODE } from "#sandbox-host/sealed-program.ts";
import { SYSTEM_PATH } from "#sandbox-host/spec.ts";
import {
  AGENT_FILES,
  AGENT_FOLDERS,
  AGENT_PROGRAMS,
  AGENT_SHELL,
  bridgeWrapper,
  HOME_FILES,
  HOME_FOLDERS,
  INSIDE,
  INSIDE_AGENT,
  INSIDE_BIN,
  INSIDE_TOOLS,
  MACHINE_TOOLS,
  OWN_BIN,
  STRUERE_FILE,
  struereWrapper,
  SYSTEM_PROGRAMS,
  TEMPLATE_ENV,
  TOOLS,
  TOOLS_BIN,
  VERSIONS_FILE,
} from "./contents.ts";
import { templateVersions, VERSIONS } from "./versions.ts";

const HOME = "/home/user";
/** Where the image's npm puts global packages, and what every login shell has on its PATH. */
const GLOBAL_MODULES = "/usr/local/lib/node_modules";
const GLOBAL_BIN = "/usr/local/bin";
/**
 * E2B's images let their user become root without a password; root can read any program's memory. The build fails
 * where it still can.
 */
const NO_ROOT =
  "rm -f /etc/sudoers.d/* && if [ -f /etc/sudoers ]; then sed -i '/NOPASSWD/d;/^user[[:space:]]/d' /etc/sudoers; fi; " +
  "for group in sudo wheel admin; do gpasswd -d user $group 2>/dev/null || true; done; " +
  "if command -v sudo >/dev/null; then ! runuser -u user -- sudo -n true; fi";
/** Besides those that the local host's machine must have: a slim image lacks them, and TLS needs the first. */
const DEBIAN_PACKAGES = ["ca-certificates", "curl", "procps"];
const MACHINE_PACKAGES = MACHINE_TOOLS.map(({ debian }) => debian);
/** What names the packages of the tools. */
const TOOL_LISTS = ["package.json", "package-lock.json"];
const EXECUTABLE = 0o755;

/** Programs from npm, by name on PATH: the same packages that the repository pins. */
const PACKAGED = {
  opencode: { package: "opencode-linux-x64", version: VERSIONS.opencode, mode: SEALED_MODE },
  "sandbox-agent": {
    package: "@sandbox-agent/cli-linux-x64",
    version: VERSIONS.sandboxAgent,
    mode: EXECUTABLE,
  },
};

/**
 * Writes the files that the template copies: those of the home, `struere` and the bridge with their wrappers.
 * `struereBundle` is the command as one bundled file, `agentBundles` the folder of the agent's programs.
 */
export async function writeBuildContext(
  folder: string,
  struereBundle: string,
  agentBundles: string,
): Promise<void> {
  const files = {
    ...prefixed("home", HOME_FILES),
    ...prefixed("agent", AGENT_FILES),
    "bin/struere": struereWrapper(),
    "bin/studio-agent": bridgeWrapper(),
    [VERSIONS_FILE]: versionsText(false),
    [`lean-${VERSIONS_FILE}`]: versionsText(true),
  };
  for (const [name, content] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await fs.writeFile(path.join(folder, name), content);
  }
  for (const name of AGENT_PROGRAMS)
    await fs.copyFile(path.join(agentBundles, `${name}.mjs`), path.join(folder, `agent/${name}.mjs`));
  await fs.mkdir(path.join(folder, "tools"), { recursive: true });
  for (const name of TOOL_LISTS)
    await fs.copyFile(path.join(import.meta.dirname, "tools", name), path.join(folder, "tools", name));
  await fs.mkdir(path.join(folder, "agent", path.dirname(AGENT_SHELL)), { recursive: true });
  await fs.copyFile(path.join(agentBundles, AGENT_SHELL), path.join(folder, "agent", AGENT_SHELL));
  await fs.copyFile(struereBundle, path.join(folder, STRUERE_FILE));
}

const versionsText = (lean: boolean): string => `${JSON.stringify(templateVersions({ lean }), null, 2)}\n`;

const prefixed = (prefix: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${prefix}/${name}`, content]));

/** The tools' packages by their own lockfile, as on this machine, with a folder of links for PATH. */
function withTools(template: TemplateBuilder): TemplateBuilder {
  let tools = template;
  for (const name of TOOL_LISTS)
    tools = tools.copy(`tools/${name}`, `${INSIDE_TOOLS}/${name}`, { user: "root" });
  tools = tools
    .runCmd(`npm ci --ignore-scripts --no-audit --no-fund --prefix ${INSIDE_TOOLS}`, { user: "root" })
    .makeDir(TOOLS_BIN, { user: "root", mode: EXECUTABLE });
  for (const [name, file] of Object.entries(TOOLS))
    tools = tools.makeSymlink(`${INSIDE_TOOLS}/node_modules/${file}`, `${TOOLS_BIN}/${name}`, {
      user: "root",
    });
  return tools;
}

/**
 * Studio's template for E2B's cloud: the same contents as the local one. It starts nothing: what a template
 * starts runs once, while it is built, and would never see a sandbox's own environment.
 * `context` is the folder of {@link writeBuildContext}; a lean one does without npm, pnpm, bun, tsc, Python and compilers
 * of its own, beyond what the image has.
 */
export function studioTemplate(context: string, { lean = false } = {}): TemplateBuilder {
  let template = Template({ fileContextPath: context })
    .fromNodeImage(`${VERSIONS.node}-slim`)
    .aptInstall([
      ...new Set([...Object.values(SYSTEM_PROGRAMS), ...DEBIAN_PACKAGES, ...(lean ? [] : MACHINE_PACKAGES)]),
    ])
    .npmInstall(
      Object.values(PACKAGED).map((pinned) => `${pinned.package}@${pinned.version}`),
      { g: true },
    )
    .makeDir(INSIDE_BIN, { user: "root", mode: EXECUTABLE })
    .copy(STRUERE_FILE, `${INSIDE}/${STRUERE_FILE}`, { user: "root" })
    .copy(`${lean ? "lean-" : ""}${VERSIONS_FILE}`, `${INSIDE}/${VERSIONS_FILE}`, { user: "root" })
    .copy("bin/struere", `${INSIDE_BIN}/struere`, { user: "root", mode: EXECUTABLE })
    .makeSymlink(`${GLOBAL_BIN}/node`, `${INSIDE_BIN}/node`, { user: "root" })
    .makeSymlink(`${INSIDE_BIN}/struere`, `${GLOBAL_BIN}/struere`, { user: "root" })
    .copy("bin/studio-agent", `${INSIDE_BIN}/studio-agent`, { user: "root", mode: EXECUTABLE })
    .makeSymlink(`${INSIDE_BIN}/studio-agent`, `${GLOBAL_BIN}/studio-agent`, { user: "root" })
    .copy(`agent/${AGENT_SHELL}`, `${INSIDE_AGENT}/${AGENT_SHELL}`, { user: "root", mode: EXECUTABLE });
  for (const name of AGENT_FOLDERS)
    template = template.makeDir(`${INSIDE_AGENT}/${name}`, { user: "root", mode: EXECUTABLE });
  for (const name of [...AGENT_PROGRAMS.map((program) => `${program}.mjs`), ...Object.keys(AGENT_FILES)])
    template = template.copy(`agent/${name}`, `${INSIDE_AGENT}/${name}`, { user: "root" });
  for (const [name, pinned] of Object.entries(PACKAGED)) {
    const program = `${GLOBAL_MODULES}/${pinned.package}/bin/${name}`;
    template = template
      .runCmd(`chown root:root ${program} && chmod ${pinned.mode.toString(8)} ${program}`, { user: "root" })
      .makeSymlink(program, `${INSIDE_BIN}/${name}`, { user: "root" })
      .makeSymlink(program, `${GLOBAL_BIN}/${name}`, { user: "root" });
  }
  if (!lean) template = withTools(template);
  template = template.makeDir("/workspace", { user: "root", mode: 0o777 });
  for (const folder of HOME_FOLDERS) template = template.makeDir(`${HOME}/${folder}`, { user: "user" });
  for (const name of Object.keys(HOME_FILES)) {
    template = template.copy(`home/${name}`, `${HOME}/${name}`, { user: "user" });
  }
  template = template.runCmd(NO_ROOT, { user: "root" });
  return template
    .setEnvs({
      ...TEMPLATE_ENV,
      PATH: [INSIDE_BIN, ...(lean ? [] : [TOOLS_BIN]), SYSTEM_PATH, OWN_BIN].join(":"),
    })
    .setWorkdir("/workspace")
    .setUser("user");
}
