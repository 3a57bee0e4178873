import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Sandbox } from "e2b";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_KEY, eventually, HostProcess, REPO, temporaryFolder } from "./host-process.ts";
import { writeNodeTemplate } from "./node-template.ts";

const NAME = "service.internal";
const DENY_ALL = ["0.0.0.0/0"];

const temporary = temporaryFolder();
/** Stands for a service on the host's loopback that the operator publishes. */
const service = http.createServer((req, res) => {
  if (req.url === "/redirect") res.writeHead(302, { location: `http://127.0.0.1:${port()}/secret` }).end();
  else res.end(`${req.method} ${req.url} at ${req.headers.host}`);
});
const port = (): number => (service.address() as AddressInfo).port;
let host: HostProcess;
let open: Sandbox;
let listed: Sandbox;
let closed: Sandbox;

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const template = writeNodeTemplate(path.join(temporary.folder, "node"), REPO);
  host = await HostProcess.start(path.join(temporary.folder, "data"), [
    `--template=node=${template}`,
    `--publish=${NAME}:3000=127.0.0.1:${port()}`,
  ]);
  // They serve the whole file, which takes more than a minute beside other work.
  const timeoutMs = 300_000;
  open = await host.create({ timeoutMs }, "node");
  listed = await host.create(
    { timeoutMs, network: { denyOut: DENY_ALL, allowOut: [NAME, "127.0.0.1", "10.0.0.0/8"] } },
    "node",
  );
  closed = await host.create({ timeoutMs, allowInternetAccess: false }, "node");
});

afterAll(async () => {
  await host?.stop();
  service.close();
  temporary.remove();
});

/** Fetches from inside by Node's own fetch, which takes the proxy's CONNECT. */
async function fetchInside(sandbox: Sandbox, url: string): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}).then(async r => console.log(r.status, await r.text())).catch(e => console.log("failed", e.cause?.message ?? e.message))`;
  const { stdout } = await sandbox.commands.run(`node -e '${script}'`, { timeoutMs: 30_000 });
  return stdout.trim();
}

/** Sends raw bytes to the proxy from inside; the first line of its answer. */
async function askProxy(sandbox: Sandbox, request: string): Promise<string> {
  const script = `const s=require("net").connect(3128,"127.0.0.1",()=>s.write(${JSON.stringify(request)}));let t="";s.on("data",d=>t+=d);s.on("end",()=>s.destroy());s.on("close",()=>{console.log(t);process.exit()});setTimeout(()=>s.destroy(),5000)`;
  await sandbox.files.write("/tmp/ask.cjs", script);
  return (await sandbox.commands.run("node /tmp/ask.cjs")).stdout.trim();
}

const absolute = (url: string): string => `GET ${url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
const connect = (authority: string): string => `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`;

describe("a published name", () => {
  test("is reached by CONNECT and by absolute form, where rules allow it", async () => {
    for (const sandbox of [open, listed]) {
      expect(await fetchInside(sandbox, `http://${NAME}:3000/x?y=1`)).toBe(`200 GET /x?y=1 at ${NAME}:3000`);
      const answer = await askProxy(sandbox, absolute(`http://${NAME}:3000/plain`));
      expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
      // The proxy says who was asked for, whatever the request's own Host said.
      expect(answer).toContain(`GET /plain at ${NAME}:3000`);
    }
  });

  test("is refused without a rule, and on another port", async () => {
    expect(await fetchInside(closed, `http://${NAME}:3000/`)).toContain("failed");
    expect(await askProxy(closed, absolute(`http://${NAME}:3000/`))).toMatch(/^HTTP\/1.1 403/);
    expect(await askProxy(open, connect(`${NAME}:${port()}`))).toMatch(/^HTTP\/1.1 403/);
    expect(await askProxy(open, absolute(`http://${NAME}/`))).toMatch(/^HTTP\/1.1 403/);
  });

  test("is reached by curl, in both forms, by the variables that every process has", async () => {
    const curl = async (flags: string) =>
      (await open.commands.run(`curl -sS ${flags} http://${NAME}:3000/curl`)).stdout;
    expect(await curl("")).toBe(`GET /curl at ${NAME}:3000`);
    expect(await curl("--proxytunnel")).toBe(`GET /curl at ${NAME}:3000`);
    await expect(curl(`--noproxy '*' --resolve ${NAME}:3000:127.0.0.1`)).rejects.toThrow();
  });

  test("redirects no one to the loopback that it is on", async () => {
    expect(await fetchInside(open, `http://${NAME}:3000/redirect`)).toMatch(/^failed/);
  });
});

describe("all else is refused, even where the sandbox's own rules would allow it", () => {
  const own = Object.values(os.networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((a) => !a.internal && a.family === "IPv4")
    .map((a) => a.address);
  const hosts = () => [
    `127.0.0.1:${port()}`,
    `localhost:${port()}`,
    `127.1:${port()}`,
    `2130706433:${port()}`,
    `0x7f000001:${port()}`,
    `0.0.0.0:${port()}`,
    `[::1]:${port()}`,
    `[::ffff:127.0.0.1]:${port()}`,
    "10.0.0.1:80",
    "192.168.1.1:80",
    "169.254.169.254:80",
    "[fe80::1]:80",
    "[fd00::1]:80",
    ...own.map((address) => `${address}:${port()}`),
  ];

  test.each(["CONNECT", "absolute form"])(
    "by %s",
    async (form) => {
      for (const sandbox of [open, listed]) {
        for (const target of hosts()) {
          const request = form === "CONNECT" ? connect(target) : absolute(`http://${target}/`);
          expect(await askProxy(sandbox, request), `${form} ${target}`).toMatch(/^HTTP\/1.1 (403|400)/);
        }
      }
    },
    60_000,
  );

  test("and without the proxy there is no network at all", async () => {
    const { stdout } = await open.commands.run(
      `for a in 127.0.0.1/${port()} 10.0.0.1/80 1.1.1.1/443; do (exec 3<>/dev/tcp/$a) 2>/dev/null && echo reached $a; done; ls /sys/class/net 2>/dev/null; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; cat /proc/net/route | tail -n +2`,
    );
    expect(stdout.trim()).toBe("lo");
  });

  test("nonsense to the proxy", async () => {
    expect(await askProxy(open, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
    expect(await askProxy(open, absolute("ftp://x/"))).toMatch(/^HTTP\/1.1 400/);
    expect(await askProxy(open, connect("no-port-at-all/../"))).toMatch(/^HTTP\/1.1 400/);
    expect(await askProxy(open, "\u0000\u0001\u0002\r\n\r\n")).toBe("");
    expect(await fetchInside(open, `http://${NAME}:3000/still`)).toContain("200");
  });
});

test("rules can be changed while a sandbox runs", async () => {
  const sandbox = await host.create({ network: { denyOut: DENY_ALL } }, "node");
  expect(await askProxy(sandbox, absolute(`http://${NAME}:3000/`))).toMatch(/^HTTP\/1.1 403/);
  await sandbox.updateNetwork({ denyOut: DENY_ALL, allowOut: [NAME] });
  expect(await askProxy(sandbox, absolute(`http://${NAME}:3000/`))).toMatch(/^HTTP\/1.1 200/);
  expect((await sandbox.getInfo()).network).toMatchObject({ denyOut: DENY_ALL, allowOut: [NAME] });
  await sandbox.kill();
});

test("a change of the rules ends the connections that they no longer allow, at once", async () => {
  const sandbox = await host.create({ network: { denyOut: DENY_ALL, allowOut: [NAME] } }, "node");
  // A tunnel that stays open, and says when it ends.
  const script = `const s=require("net").connect(3128,"127.0.0.1",()=>s.write(${JSON.stringify(connect(`${NAME}:3000`))}));s.on("data",d=>console.log(String(d).split("\\r")[0]));s.on("error",()=>{});s.on("close",()=>{console.log("closed");process.exit()});s.on("end",()=>s.destroy())`;
  await sandbox.files.write("/tmp/stay.cjs", script);
  let said = "";
  const staying = await sandbox.commands.run("node /tmp/stay.cjs", {
    background: true,
    onStdout: (text) => {
      said += text;
    },
  });
  await eventually("the tunnel stands", () => said.includes("200"));
  // What is still allowed goes on.
  await sandbox.updateNetwork({ denyOut: DENY_ALL, allowOut: ["*.example.com", `${NAME}:3000`] });
  expect(await askProxy(sandbox, absolute(`http://${NAME}:3000/`))).toMatch(/^HTTP\/1.1 200/);
  expect(said).not.toContain("closed");
  await sandbox.updateNetwork({ denyOut: DENY_ALL, allowOut: [`${NAME}:3001`] });
  await staying.wait();
  expect(said).toContain("closed");
  expect(await askProxy(sandbox, connect(`${NAME}:3000`))).toMatch(
    /^HTTP\/1.1 403 Blocked by Studio's network policy/,
  );
  await sandbox.kill();
});

test("a wildcard lets names below it through, and a port lets itself through alone", async () => {
  const network = { denyOut: DENY_ALL, allowOut: ["*.internal:3000"] };
  const sandbox = await host.create({ network }, "node");
  expect(await askProxy(sandbox, absolute(`http://${NAME}:3000/`))).toMatch(/^HTTP\/1.1 200/);
  await sandbox.updateNetwork({ denyOut: DENY_ALL, allowOut: ["*.internal:3001"] });
  expect(await askProxy(sandbox, absolute(`http://${NAME}:3000/`))).toMatch(/^HTTP\/1.1 403/);
  await sandbox.kill();
});

test("what was refused is told to the host's caller: each destination once, whatever a sandbox makes up", async () => {
  const metadata = { sessionId: "s1" };
  // A listed name may lead to an address that is not public.
  const network = { denyOut: DENY_ALL, allowOut: ["localhost"] };
  const sandbox = await host.create({ metadata, network }, "node");
  const refusals = async (after = 0, key = API_KEY) => {
    const answer = await fetch(`${host.url}/refusals?after=${after}`, { headers: { "x-api-key": key } });
    const body = (await answer.json()) as { refusals: { sandboxID: string }[]; next: number };
    return { status: answer.status, body };
  };
  expect((await refusals(0, "wrong")).status).toBe(401);
  expect((await refusals(-1)).status).toBe(400);
  for (const target of [
    "registry.example:443",
    "registry.example:443",
    "localhost:80",
    `${"a".repeat(300)}.example:80`,
  ])
    await askProxy(sandbox, connect(target));
  const { body } = await refusals();
  expect(body.refusals.filter(({ sandboxID }) => sandboxID === sandbox.sandboxId)).toEqual([
    expect.objectContaining({ host: "registry.example", port: 443, kind: "policy", metadata }),
    expect.objectContaining({ host: "localhost", port: 80, kind: "private", metadata }),
  ]);
  expect((await refusals(body.next)).body).toEqual({ refusals: [], next: body.next });
  const features = (await (await fetch(`${host.url}/health`)).json()) as { features: string[] };
  expect(features.features).toEqual(["network-ports", "refusals"]);
  await sandbox.kill();
});

test("the template's environment, home, folders and PATH are there", async () => {
  const { stdout } = await open.commands.run(
    "echo $FROM_TEMPLATE; cat ~/greeting; stat -c %U ~/greeting /data/made; command -v node; echo $NODE_USE_ENV_PROXY $NO_PROXY",
  );
  expect(stdout.trim().split("\n")).toEqual([
    "yes",
    "welcome",
    "user",
    "user",
    "/opt/tools/bin/node",
    "1 localhost,127.0.0.1",
  ]);
});
