import { plural } from "#domain/plural.ts";
import type { Project } from "#domain/project/kinds.ts";
import { promptFaults } from "#domain/project/prompts.ts";
import { missingReferences } from "#domain/project/references.ts";
import type { AgentDefinition, TriggerDefinition } from "#domain/project/schemas.ts";
import { textsIn } from "#domain/project/steps.ts";
import { isPlaceholderPath, placeholdersIn } from "#domain/project/templates.ts";
import { faultLine, type FileFault, type Local, sourceOr } from "./local.ts";
import { EXIT } from "./options.ts";
import { type Call, readFolder, readProjectFile, type Report } from "./project.ts";
import { positionsIn } from "./positions.ts";
import { checkTypes } from "./types.ts";

type Warning = FileFault & { path: string };

/** What may be meant, and probably isn't: such a project can be pushed all the same. */
function warningsOf(found: ReadonlyMap<string, Local>): Warning[] {
  const fileOf = (key: string) => found.get(key)?.file ?? "";
  const warnings: Warning[] = missingReferences(found as Project).map(({ from, path, message }) => ({
    file: fileOf(`${from.kind}:${from.slug}`),
    path,
    message,
  }));
  for (const { kind, file, value } of found.values()) {
    if (kind === "agent") {
      const { systemPrompt, tools = [], threadContextParams = [] } = value as unknown as AgentDefinition;
      const params = threadContextParams.map(({ name }) => name);
      for (const { message, written } of promptFaults(systemPrompt, { tools, params }))
        warnings.push({ file, path: "systemPrompt", message: `${written} ${message}` });
    }
    if (kind === "trigger")
      for (const [index, { args }] of (value as unknown as TriggerDefinition).actions.entries())
        for (const { text, path } of textsIn(args, `actions[${index}].args`))
          for (const placeholder of placeholdersIn(text))
            if (!isPlaceholderPath(placeholder))
              warnings.push({ file, path, message: `{{${placeholder}}} leads nowhere.` });
  }
  return warnings;
}

/** The same with the places at which they are written. */
function placed(folder: string, warnings: readonly Warning[]): Warning[] {
  const byFile = new Map<string, ReturnType<typeof positionsIn>>();
  return warnings.map((warning) => {
    const { file, path } = warning;
    const positionOf = byFile.get(file) ?? positionsIn(sourceOr(folder, file, ""));
    byFile.set(file, positionOf);
    return { ...warning, ...positionOf(path) };
  });
}

/** Checks every file, each for itself and all together, and their types. Nothing leaves this machine. */
export async function validate({ folder, types, progress }: Call): Promise<Report> {
  await readProjectFile(folder);
  progress?.("Reading the files…");
  const { found, faults } = await readFolder(folder);
  progress?.("Checking types…");
  const typeFaults = found.size + faults.length > 0 ? await checkTypes(folder, types ?? false) : [];
  progress?.(null);
  const warnings = placed(folder, warningsOf(found));
  // A file that can't be read at all has its line twice otherwise.
  const told = new Set(faults.map(({ file, line }) => `${file}:${line}`));
  const all = [
    ...faults,
    ...(typeFaults ?? []).filter(({ file, line }) => !told.has(`${file}:${line}`)),
  ].toSorted((a, b) => (a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1));
  const count = all.length;
  return {
    exitCode: count > 0 ? EXIT.problems : 0,
    lines: [
      ...all.map(faultLine),
      ...warnings.map(({ path: _path, message, ...place }) =>
        faultLine({ ...place, message: `warning: ${message}` }),
      ),
      ...(typeFaults === null
        ? ["Types were not checked: there's no tsc on PATH. --types uses the one in node_modules."]
        : []),
      `${found.size} ${plural(found.size, "definition", "definitions")} and files read, ${count} ${plural(count, "problem", "problems")}.`,
    ],
    json: { definitions: found.size, faults: all, warnings, types_checked: typeFaults !== null },
  };
}
