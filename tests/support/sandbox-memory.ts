/**
 * Searches what a program in a sandbox can read of the memory of all processes there.
 * @returns a shell command that prints JSON: how many processes and bytes were read, and for each word the processes that
 *   have it. The words stand reversed in it, so that no process has them for the search's own sake.
 */
export function memorySearch(words: readonly string[]): string {
  const reversed = words.map((word) => word.split("").toReversed().join(""));
  const script = `
const fs = require("node:fs");
const words = ${JSON.stringify(reversed)}.map((word) => Buffer.from(word.split("").reverse().join("")));
const found = words.map(() => []);
let processes = 0, bytes = 0;
const most = words.reduce((length, word) => Math.max(length, word.length), 0);
for (const pid of fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name) && Number(name) !== process.pid)) {
  let maps, memory;
  try {
    maps = fs.readFileSync("/proc/" + pid + "/maps", "latin1");
    memory = fs.openSync("/proc/" + pid + "/mem", "r");
  } catch { continue; }
  if (maps === "") continue;
  processes += 1;
  const seen = new Set();
  for (const line of maps.split("\\n")) {
    const [, from, to, rights, rest = ""] = /^([0-9a-f]+)-([0-9a-f]+) (\\S+) (.*)$/.exec(line) ?? [];
    // What is mapped from a file as it is there is no secret of a process.
    if (!rights?.startsWith("rw") || /\\[v/.test(rest)) continue;
    const end = Number.parseInt(to, 16);
    const step = 4194304;
    for (let at = Number.parseInt(from, 16); at < end; at += step) {
      const piece = Buffer.alloc(Math.min(step + most, end - at));
      let read = 0;
      try { read = fs.readSync(memory, piece, 0, piece.length, at); } catch { continue; }
      bytes += read;
      words.forEach((word, index) => piece.subarray(0, read).includes(word) && seen.add(index));
    }
  }
  fs.closeSync(memory);
  for (const index of seen) found[index].push(Number(pid));
}
console.log(JSON.stringify({ processes, bytes, found: found.map((pids) => pids.length) }));
`;
  const encoded = Buffer.from(script).toString("base64");
  return `/opt/studio/bin/node -e "eval(Buffer.from('${encoded}','base64').toString())"`;
}
