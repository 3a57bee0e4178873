import type { Module } from "node:vm";

/*
 * What runs in the child process that reads definition files. It is given to Node as text, so it may use nothing from
 * outside of its function: no import, no constant. The process has neither files nor network nor environment, and each
 * file has a world of its own, in which there is nothing but the language.
 */

/** A line from the parent: a file to read, or one that another file imports. */
export type ToEvaluator =
  | { type: "file"; file: string; source: string }
  | { type: "imported"; file: string; source: string }
  | { type: "not_imported"; message: string };

/** A line to the parent. `json` is the definition as JSON text. */
export type FromEvaluator =
  | { type: "ready" }
  | { type: "need"; from: string; specifier: string }
  | { type: "done"; json: string; imports: string[] }
  | {
      type: "failed";
      message: string;
      at?: { file: string; line: number; column: number };
      /** The part of the definition that can't be kept. */
      path?: string;
    };

export function evaluatorProgram(): void {
  "use strict";
  const vm = process.getBuiltinModule("node:vm");
  const { stripTypeScriptTypes } = process.getBuiltinModule("node:module");
  const lines = process.getBuiltinModule("node:readline").createInterface({ input: process.stdin });
  // To whom reads lines, these end one, too.
  const inOneLine = (text: string) =>
    text.replace(/[\u2028\u2029]/g, (end) => (end === "\u2028" ? "\\u2028" : "\\u2029"));
  const say = (line: FromEvaluator) => process.stdout.write(`${inOneLine(JSON.stringify(line))}\n`);
  let answered: ((line: ToEvaluator) => void) | undefined;
  // A file's world has no way to this one. Should there be one all the same, there is nothing to be had here.
  const mine = process as unknown as Record<string, unknown>;
  for (const name of [
    "getBuiltinModule",
    "binding",
    "_linkedBinding",
    "dlopen",
    "mainModule",
    "moduleLoadList",
  ])
    delete mine[name];
  for (const name of ["fetch", "WebSocket", "EventSource", "require", "module", "exports", "Worker"])
    delete (globalThis as Record<string, unknown>)[name];

  const STRUERE =
    "const same = (d) => d; export const defineAgent = same, defineData = same, defineEntityType = same, defineRole = same, defineTrigger = same, defineTools = same;";
  // What takes memory beside the heap, which is what is limited, has no place in a definition.
  const LESS = `const console = Object.fromEntries(["log", "info", "warn", "error", "debug"].map((n) => [n, () => {}]));
    Object.defineProperty(globalThis, "console", { value: console });
    for (const name of ["ArrayBuffer", "SharedArrayBuffer", "WebAssembly", "Atomics", "DataView", "Int8Array",
      "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float16Array",
      "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"]) delete globalThis[name];`;
  const AS_JSON = `(async (given) => {
    const open = new Set();
    const fail = (path, message) => { throw { path, message }; };
    const walk = async (value, path) => {
      if (value === null || typeof value === "string" || typeof value === "boolean") return value;
      if (typeof value === "number")
        return Number.isFinite(value) ? value : fail(path, "is " + value + ", which JSON has no number for");
      if (typeof value === "function" && path === "systemPrompt") return await walk(await value(), path);
      if (typeof value !== "object")
        return fail(path, value === undefined ? "is undefined" : "is a " + typeof value + ", which can't be kept");
      if (open.has(value)) fail(path, "refers back to itself");
      open.add(value);
      let copy;
      if (Array.isArray(value)) {
        copy = [];
        for (let i = 0; i < value.length; i += 1) copy.push(await walk(value[i], path + "[" + i + "]"));
      } else {
        const made = Object.getPrototypeOf(value);
        if (made !== null && made !== Object.prototype)
          fail(path, "is a " + (made.constructor?.name ?? "value") + ", which can't be kept");
        copy = {};
        for (const key of Object.keys(value)) {
          if (value[key] === undefined) continue;
          const below = await walk(value[key], path === "" ? key : path + "." + key);
          Object.defineProperty(copy, key, { value: below, enumerable: true, writable: true, configurable: true });
        }
      }
      open.delete(value);
      return copy;
    };
    if (typeof given !== "object" || given === null) return '{"fault":"It exports no definition as its default."}';
    try { return JSON.stringify({ definition: JSON.stringify(await walk(given, "")) }); }
    catch (error) {
      if (error === null || typeof error !== "object" || !("path" in error)) throw error;
      return JSON.stringify({ fault: (error.path || "It") + " " + error.message + ".", path: error.path });
    }
  })`;

  /** Where an error happened. Everything about it may be a lie of the file that threw it: it only becomes text. */
  const failure = (error: unknown, file: string): FromEvaluator => {
    const { message, stack, code } = (typeof error === "object" && error !== null ? error : {}) as Record<
      string,
      unknown
    >;
    const what = typeof message === "string" ? message : String(error);
    const text = (typeof stack === "string" ? stack : "").slice(0, 4_000);
    // Of a syntax error, the type stripper tells the line, and points at the column below it.
    const pointed =
      typeof code === "string" &&
      code.endsWith("TYPESCRIPT_SYNTAX") &&
      /^.*:(\d+)\n(?:.*\n)*?( *)\^/.exec(text);
    const thrown = /^\s+at (?:.*\()?([^\s()]+):(\d+):(\d+)\)?$/m.exec(text);
    if (pointed)
      return {
        type: "failed",
        message: what.slice(0, 1_000),
        at: { file, line: Number(pointed[1]), column: pointed[2]!.length + 1 },
      };
    const isOurs = thrown && !/^(node:|\[eval\])/.test(thrown[1]!);
    return {
      type: "failed",
      message: what.slice(0, 1_000),
      ...(isOurs && { at: { file: thrown[1]!, line: Number(thrown[2]), column: Number(thrown[3]) } }),
    };
  };

  // There are neither timers nor connections in a file's world: what is not there once all is done never comes.
  const orStuck = async <T>(work: Promise<T>): Promise<T> =>
    await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        const stuck = () => reject(new Error("It waits for something that never comes."));
        setImmediate(() => setImmediate(stuck));
      }),
    ]);

  const evaluate = async (file: string, source: string): Promise<void> => {
    let at = file;
    try {
      const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
        codeGeneration: { strings: false, wasm: false },
      });
      vm.runInContext(LESS, context);
      const modules = new Map<string, Module>();
      const make = (name: string, text: string): Module => {
        const known = modules.get(name);
        if (known) return known;
        at = name;
        const code = name.endsWith(".json")
          ? `export default ${JSON.stringify(JSON.parse(text))};`
          : stripTypeScriptTypes(text, { mode: "strip" });
        const made = new vm.SourceTextModule(code, { context, identifier: name });
        modules.set(name, made);
        return made;
      };
      // One after the other: there is one line to the parent.
      let turn: Promise<unknown> = Promise.resolve();
      const ask = async (from: string, specifier: string): Promise<Module> => {
        const line = await new Promise<ToEvaluator>((resolve) => {
          answered = resolve;
          say({ type: "need", from, specifier });
        });
        if (line.type !== "imported")
          throw new Error(line.type === "not_imported" ? line.message : "Out of turn.");
        return make(line.file, line.source);
      };
      const module = make(file, source);
      await module.link(async (specifier, from) => {
        if (specifier === "struere") {
          const known =
            modules.get("struere") ?? new vm.SourceTextModule(STRUERE, { context, identifier: "struere" });
          modules.set("struere", known);
          return known;
        }
        const mine = turn.then(async () => await ask(from.identifier, specifier));
        turn = mine.catch(() => undefined);
        return await mine;
      });
      await orStuck(module.evaluate());
      const asJson = vm.runInContext(AS_JSON, context) as (value: unknown) => Promise<string>;
      const { default: given } = module.namespace as { default?: unknown };
      const read = JSON.parse(await orStuck(asJson(given))) as {
        definition?: string;
        fault?: string;
        path?: unknown;
      };
      if (read.definition === undefined)
        say({
          type: "failed",
          message: String(read.fault).slice(0, 1_000),
          ...(typeof read.path === "string" && read.path && { path: read.path.slice(0, 1_000) }),
        });
      else
        say({
          type: "done",
          json: read.definition,
          imports: [...modules.keys()].filter((name) => name !== file && name !== "struere"),
        });
    } catch (error) {
      say(failure(error, at));
    }
  };

  lines.on("line", (text) => {
    const line = JSON.parse(text) as ToEvaluator;
    if (line.type === "file") void evaluate(line.file, line.source);
    else answered?.(line);
  });
  // What the first file would wait for.
  stripTypeScriptTypes("const a: number = 1;", { mode: "strip" });
  say({ type: "ready" });
}
