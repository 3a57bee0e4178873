// `npm test`: installs what the tests need, then runs every kind of test on one machine. What only computes runs beside
// the browser, which waits for half of its time, and gives way to it; its output comes when it has ended.
// A test with real processes that fails is tried once more; one that then passes is named as flaky, to be mended.
// Ends with what failed, what was flaky, what was skipped and why, how long each kind took, and the slowest files. The
// last line is `N passed, N failed`; a step that is not a test (format, lint, types, dead code) counts as one.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { installPackages, installSandboxTools } from "../lib/cli/install.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const bin = path.join(root, "node_modules/.bin");
const results = fs.mkdtempSync(path.join(os.tmpdir(), "studio-results-"));
const env = {
  // The same programs are started hundreds of times: what Node has compiled of one start serves the next.
  NODE_COMPILE_CACHE: path.join(results, "compiled"),
  ...process.env,
  CI: "true",
  FORCE_COLOR: "0",
  PATH: `${bin}${path.delimiter}${process.env.PATH}`,
};
const only = process.argv.slice(2);
/** Set where another of these waits for the result: it is written there. */
const { STUDIO_TEST_RESULT: resultFile } = process.env;
let passed = 0;
let failed = 0;
/** What failed, and what failed and then passed: the name, and the first lines of the errors. */
const failures = [];
const flaky = [];
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

function fail(name, errors = []) {
  failed++;
  failures.push(inFull(name, errors));
}

/** Short enough that many of them are read, long enough to say what it was. */
function inFull(name, errors) {
  const lines = errors.flatMap((error) => stripVTControlCharacters(error).split("\n").slice(0, 8));
  return [name, ...lines.slice(0, 16).map((line) => `    ${line.slice(0, 400)}`)].join("\n");
}

function check(name, command, args) {
  const startedAt = Date.now();
  const ok = run(command, args);
  if (ok) passed++;
  else fail(name);
  console.log(`${ok ? "passed" : "FAILED"}: ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`);
}

function vitest(project, retries = 0) {
  const failuresBefore = failures.length;
  const file = path.join(results, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ok = run("vitest", ["run", "--project", project, `--retry=${retries}`, ...reporters]);
  if (!fs.existsSync(file)) return fail(project);
  const report = JSON.parse(fs.readFileSync(file, "utf8"));
  for (const { name, startTime, endTime, assertionResults, status, message } of report.testResults) {
    const place = path.relative(root, name);
    files.push({ place, seconds: (endTime - startTime) / 1000 });
    for (const { status: outcome, fullName, failureMessages: errors } of assertionResults) {
      const test = `${place}: ${fullName}`;
      if (outcome === "failed") fail(test, errors);
      else if (outcome !== "passed") skipped.push(test);
      else {
        passed++;
        if (errors.length > 0) flaky.push(inFull(test, errors));
      }
    }
    // A file that does not load, or whose set-up fails, need not have a test that did.
    if (status === "failed" && assertionResults.every(({ status: outcome }) => outcome !== "failed"))
      fail(place, [message]);
  }
  if (!ok && failures.length === failuresBefore) fail(project);
}

function specsOf(suite) {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

function playwright() {
  const file = path.join(results, "e2e.json");
  const args = ["test", "--retries=1", "--reporter=list,json"];
  const ok = run("playwright", args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  if (!fs.existsSync(file)) return fail("e2e");
  const { suites, errors } = JSON.parse(fs.readFileSync(file, "utf8"));
  for (const suite of suites) {
    const results = specsOf(suite).flatMap(({ title, tests }) => {
      for (const test of tests) count(`tests/e2e/${suite.file}: ${title}`, test);
      return tests.flatMap(({ results: tries }) => tries);
    });
    const tookMs = results.reduce((sum, { duration }) => sum + duration, 0);
    files.push({ place: `tests/e2e/${suite.file}`, seconds: tookMs / 1000 });
  }
  if (!ok && failures.length === 0) fail("e2e", textsOf(errors));
}

const textsOf = (errors) => errors.map(({ message, value }) => message ?? value ?? "");

function count(name, { status, results }) {
  const errors = results.flatMap((result) => textsOf(result.errors));
  if (status === "skipped") return void skipped.push(name);
  if (status === "unexpected") return fail(name, errors);
  passed++;
  if (status === "flaky") flaky.push(inFull(name, errors));
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
  contract: () => vitest("contract", 1),
  integration: () => vitest("integration", 1),
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
    // Linux shares time out between terminals' sessions first: in that of the tests it would get a whole session's part
    // of it, for browsers and sandboxes have their own.
    detached: true,
  });
  const end = () => {
    if (child.exitCode === null && child.pid) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", end);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  try {
    fs.writeFileSync(`/proc/${child.pid}/autogroup`, "19");
  } catch {
    // A system without it shares time out between processes alone.
  }
  const ended = once(child, "exit");
  return async () => {
    await ended;
    process.stdout.write(fs.readFileSync(output, "utf8"));
    if (!fs.existsSync(result)) return fail(names.join(" and "));
    const its = JSON.parse(fs.readFileSync(result, "utf8"));
    passed += its.passed;
    failed += its.failed;
    failures.push(...its.failures);
    flaky.push(...its.flaky);
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
  fs.writeFileSync(resultFile, JSON.stringify({ passed, failed, failures, flaky, skipped, files, kinds }));
  process.exit(0);
}
for (const [what, tests] of Object.entries({ failed: failures, flaky, skipped })) {
  console.log(`\n${what}: ${tests.length}`);
  for (const test of tests) console.log(`  ${test}`);
}
console.log(`time: ${kinds.join(", ")}; the slowest files:`);
for (const { place, seconds } of files.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10))
  console.log(`  ${seconds.toFixed(0).padStart(4)} s  ${place}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
