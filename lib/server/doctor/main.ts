import { closeAuthDatabase } from "../auth/database.ts";
import { parseSettings } from "../env.ts";
import { examine, type Finding } from "./check.ts";
import { allChecks } from "./checks.ts";

// `npm run doctor [-- --json]`: looks at each setting and the service behind it. Ends with 1 where something is wrong.
const asJson = process.argv.includes("--json");
const MARKS = { ok: "ok", off: "–", wrong: "WRONG" } as const;

function show({ name, state, detail, advice, tookMs }: Finding): void {
  console.log(
    `${MARKS[state].padEnd(6)} ${name.padEnd(20)} ${detail}${state === "ok" ? ` (${tookMs} ms)` : ""}`,
  );
  if (advice) console.log(`${" ".repeat(28)}→ ${advice}`);
}

/** Settings that are missing or of a wrong form: nothing else can be looked at before they are right. */
function settingsFinding(): Finding {
  const { error } = parseSettings(process.env);
  const faults = error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  return faults.length === 0
    ? { name: "Settings", state: "ok", detail: "complete", tookMs: 0 }
    : { name: "Settings", state: "wrong", detail: faults.join("; "), advice: "See .env.example.", tookMs: 0 };
}

const findings = [settingsFinding()];
if (!asJson) show(findings[0]!);
if (findings[0]!.state === "ok")
  for (const check of allChecks()) {
    const finding = await examine(check);
    findings.push(finding);
    if (!asJson) show(finding);
  }
closeAuthDatabase();
const wrong = findings.filter(({ state }) => state === "wrong").length;
if (asJson) console.log(JSON.stringify({ ok: wrong === 0, findings }));
else console.log(wrong === 0 ? "\nNothing is wrong." : `\n${wrong} of ${findings.length} are wrong.`);
process.exit(wrong === 0 ? 0 : 1);
