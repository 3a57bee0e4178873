// `npm test`: installs what the tests need, then runs every kind of test on one machine. What only computes runs beside
// the browser, which waits for half of its time, and gives way to it; its output comes when it has ended.
// Ends with what was skipped and why, how long each kind took, and the slowest files. The last line is
// `N passed, N failed`; a step that is not a test (format, lint, types, dead code) counts as one.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, installSandboxTools } from "../lib/cli/install.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const bin = path.join(root, "node_modules/.bin");
const env = {
  ...process.env,
  CI: "true",
  FORCE_COLOR: "0",
  PATH: `${bin}${path.delimiter}${process.env.PATH}`,
};
const results = fs.mkdtempSync(path.join(os.tmpdir(), "studio-results-"));
const only = process.argv.slice(2);
/** Set where another of these waits for the result: it is written there. */
const { STUDIO_TEST_RESULT: resultFile } = process.env;
let passed = 0;
let failed = 0;
const skipped = [];
/** How long each file took, in seconds: several files of one kind run at a time. */
const files = [];
const kinds = [];

function run(command, args, extra = {}) {
  return spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...env, ...extra } }).status === 0;
}

function need(sentence, ok) {
  if (ok) return;
  console.error(`\nThe tests cannot run: ${sentence}`);
  process.exit(1);
}

function install({ done, error, output }) {
  need(`npm ci failed: ${error?.message ?? output}`, done);
}

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function installPrograms() {
  const missing = [
    ["bwrap", "bubblewrap"],
    ["rg", "ripgrep"],
    ["git", "git"],
    ["curl", "curl"],
    ["chromium", "chromium"],
  ].filter(([program]) => !has(program));
  if (missing.length === 0) return;
  const names = missing.map(([, debian]) => debian);
  const root = process.getuid?.() === 0;
  need(`install ${names.join(" ")} first: sudo apt-get install ${names.join(" ")}`, root);
  run("apt-get", ["update", "-qq"]);
  const options = ["install", "-y", "-qq", "--no-install-recommends"];
  need(
    `${names.join(" ")} could not be installed.`,
    run("apt-get", [...options, ...names], { DEBIAN_FRONTEND: "noninteractive" }),
  );
}

function check(name, command, args) {
  const startedAt = Date.now();
  const ok = run(command, args);
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? "passed" : "FAILED"}: ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`);
}

function vitest(project) {
  const file = path.join(results, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ok = run("vitest", ["run", "--project", project, ...reporters]);
  if (!fs.existsSync(file)) return void failed++;
  const report = JSON.parse(fs.readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  for (const { name, startTime, endTime, assertionResults } of report.testResults) {
    const place = path.relative(root, name);
    files.push({ place, seconds: (endTime - startTime) / 1000 });
    for (const { status, fullName } of assertionResults)
      if (!["passed", "failed"].includes(status)) skipped.push(`${place}: ${fullName}`);
  }
  // A file that does not even load has no tests to fail.
  if (!ok && report.numFailedTests === 0) failed++;
}

function specsOf(suite) {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

function playwright() {
  const file = path.join(results, "e2e.json");
  const ok = run("playwright", ["test", "--reporter=list,json"], { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  if (!fs.existsSync(file)) return void failed++;
  const { stats, suites } = JSON.parse(fs.readFileSync(file, "utf8"));
  passed += stats.expected + stats.flaky;
  failed += stats.unexpected;
  for (const suite of suites) {
    const results = specsOf(suite).flatMap(({ title, tests }) => {
      if (tests.every(({ status }) => status === "skipped")) skipped.push(`${suite.file}: ${title}`);
      return tests.flatMap(({ results: tries }) => tries);
    });
    const tookMs = results.reduce((sum, { duration }) => sum + duration, 0);
    files.push({ place: `tests/e2e/${suite.file}`, seconds: tookMs / 1000 });
  }
  if (!ok && stats.unexpected === 0) failed++;
}

const steps = {
  verify: () => {
    check("format", "oxfmt", ["--check", "."]);
    check("lint", "oxlint", ["--type-aware", "--deny-warnings"]);
    check("types", "tsc", ["--noEmit"]);
    check("dead code", "knip", []);
    check("generated files", "node", ["tests/generated.mjs"]);
    vitest("unit");
  },
  convex: () => {
    vitest("convex");
    vitest("convex-embedded");
  },
  contract: () => vitest("contract"),
  integration: () => vitest("integration"),
  e2e: playwright,
};

/** Steps that only compute, in a process that gets what time the others leave. */
function beside(names) {
  const [output, result] = ["beside.log", "beside.json"].map((name) => path.join(results, name));
  const log = fs.openSync(output, "w");
  const [command = "", ...way] = has("chrt") ? ["chrt", "--idle", "0"] : ["nice", "-n", "19"];
  const child = spawn(command, [...way, process.execPath, "tests/run.mjs", ...names], {
    cwd: root,
    stdio: ["ignore", log, log],
    env: { ...env, STUDIO_TEST_RESULT: result },
  });
  const ended = once(child, "exit");
  return async () => {
    await ended;
    process.stdout.write(fs.readFileSync(output, "utf8"));
    if (!fs.existsSync(result)) return void failed++;
    const its = JSON.parse(fs.readFileSync(result, "utf8"));
    passed += its.passed;
    failed += its.failed;
    skipped.push(...its.skipped);
    files.push(...its.files);
    kinds.push(...its.kinds);
  };
}

function timed(name) {
  const startedAt = Date.now();
  steps[name]();
  kinds.push(`${name} ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}

need(
  `there is no step “${only.find((name) => !(name in steps))}”.`,
  only.every((name) => name in steps),
);
install(installPackages(root, "node/bin/node"));
install(installSandboxTools(root));
installPrograms();
const wanted = Object.keys(steps).filter((name) => only.length === 0 || only.includes(name));
const computing = wanted.includes("e2e") ? wanted.filter((name) => ["verify", "convex"].includes(name)) : [];
for (const name of wanted.filter((each) => each !== "e2e" && !computing.includes(each))) timed(name);
const computed = computing.length > 0 ? beside(computing) : undefined;
if (wanted.includes("e2e")) timed("e2e");
await computed?.();
fs.rmSync(results, { recursive: true, force: true });
if (resultFile !== undefined) {
  fs.writeFileSync(resultFile, JSON.stringify({ passed, failed, skipped, files, kinds }));
  process.exit(0);
}
console.log(`\nskipped: ${skipped.length}`);
for (const test of skipped) console.log(`  ${test}`);
console.log(`time: ${kinds.join(", ")}; the slowest files:`);
for (const { place, seconds } of files.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10))
  console.log(`  ${seconds.toFixed(0).padStart(4)} s  ${place}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
