import path from "node:path";
import { expect, test } from "vitest";
import { StartError } from "#sandbox-host/errors.ts";
import { parseOptions } from "#sandbox-host/options.ts";

const NEEDED = ["--port", "3220", "--data", "d", "--domain", "Localhost:3220", "--api-key", "k"];

test("the command line as the package script gives it", () => {
  const options = parseOptions([
    ...NEEDED,
    "--template=studio=./t",
    "--template=other=/abs/path=x",
    "--publish=studio.internal:3000=127.0.0.1:3100",
    "--publish=convex.internal:3210=127.0.0.1:3210",
    "--egress=registry.npmjs.org:443",
    "--egress=*.example.com",
    "--public-address=10.20.0.0/16",
    "--public-address=fd00:20::/32",
    "--ca=./ca.pem",
    "--disk-mb=512",
    "--ready=3",
  ]);
  expect(options).toEqual({
    port: 3220,
    dataFolder: path.resolve("d"),
    domain: "localhost:3220",
    apiKey: "k",
    templates: new Map([
      ["studio", path.resolve("t")],
      ["other", "/abs/path=x"],
    ]),
    published: [
      { name: "studio.internal", port: 3000, targetPort: 3100 },
      { name: "convex.internal", port: 3210, targetPort: 3210 },
    ],
    egress: [{ host: "registry.npmjs.org", port: 443 }, { host: "*.example.com" }],
    publicAddresses: [
      { address: "10.20.0.0", prefix: 16, family: "ipv4" },
      { address: "fd00:20::", prefix: 32, family: "ipv6" },
    ],
    caFile: path.resolve("ca.pem"),
    limits: { memoryMb: 2048, cpus: 2, processes: 1024, diskMb: 512, files: 1_000_000 },
    ready: 3,
  });
});

test.each(["port", "data", "domain", "api-key"])("--%s is required", (flag) => {
  const at = NEEDED.indexOf(`--${flag}`);
  expect(() => parseOptions(NEEDED.toSpliced(at, 2))).toThrow(`--${flag} is missing`);
});

test.each([
  ["--port", "70000"],
  ["--port", "x"],
  ["--domain", "a/b"],
  ["--template", "studio"],
  ["--template", "base=/x"],
  ["--template", "bad name=/x"],
  ["--publish", "studio.internal=127.0.0.1:3000"],
  ["--publish", "studio.internal:3000=10.0.0.1:3000"],
  ["--publish", "studio.internal:0=127.0.0.1:3000"],
  ["--publish", "studio.internal:3000=127.0.0.1:99999"],
  ["--publish", "localhost:3000=127.0.0.1:3000"],
  ["--publish", "127.0.0.1:3000=127.0.0.1:3000"],
  ["--publish", "*.internal:3000=127.0.0.1:3000"],
  ["--egress", "http://x"],
  ["--egress", "x:0"],
  ["--public-address", "10.0.0.1"],
  ["--public-address", "10.0.0.0/33"],
  ["--public-address", "10.0.0.0/"],
  ["--public-address", "example.com/8"],
  ["--cpus", "0"],
  ["--disk-mb", "1.5"],
  ["--ready", "17"],
  ["--ready", "some"],
  ["--unknown", "x"],
  ["extra", "words"],
])("%s %s is refused with a sentence", (flag, value) => {
  const rest = NEEDED.flatMap((word, i) => (i % 2 === 0 && word !== flag ? [word, NEEDED[i + 1] ?? ""] : []));
  expect(() => parseOptions([...rest, flag, value])).toThrow(StartError);
});

test("port 0 takes any", () => {
  expect(parseOptions(["--port", "0", ...NEEDED.slice(2)]).port).toBe(0);
});
