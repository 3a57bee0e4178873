import http from "node:http";
import path from "node:path";
import type { Sandbox } from "e2b";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually, HostProcess, REPO, temporaryFolder } from "./host-process.ts";
import { writeNodeTemplate } from "./node-template.ts";

const PORT = 8000;

/** Runs inside: plain answers, an event stream, an echo of the body and of what a WebSocket says. */
const SERVER = `
import http from "node:http";
import { createHash } from "node:crypto";
const server = http.createServer((req, res) => {
  if (req.url === "/events") {
    res.writeHead(200, { "content-type": "text/event-stream" });
    let n = 0;
    const timer = setInterval(() => {
      res.write("data: " + ++n + "\\n\\n");
      if (n === 3) { clearInterval(timer); res.end(); }
    }, 300);
  } else if (req.url === "/echo") {
    const hash = createHash("sha256");
    let size = 0;
    req.on("data", (d) => { hash.update(d); size += d.length; });
    req.on("end", () => res.end(JSON.stringify({ size, sha: hash.digest("hex") })));
  } else if (req.url === "/big") {
    res.end(Buffer.alloc(20_000_000, 120));
  } else {
    res.writeHead(418, "Teapot", { "set-cookie": ["a=1", "b=2"], "x-path": req.url });
    res.end(JSON.stringify({ method: req.method, headers: req.headers }));
  }
});
server.on("upgrade", (req, socket) => {
  const accept = createHash("sha1").update(req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nupgrade: websocket\\r\\nconnection: upgrade\\r\\nsec-websocket-accept: " + accept + "\\r\\n\\r\\n");
  // Short text frames from the client are masked; they go back unmasked.
  socket.on("data", (d) => {
    if ((d[0] & 15) === 8) return socket.end();
    const length = d[1] & 127, mask = d.subarray(2, 6), body = Buffer.from(d.subarray(6, 6 + length));
    for (let i = 0; i < length; i++) body[i] ^= mask[i % 4];
    socket.write(Buffer.concat([Buffer.from([129, length]), body]));
  });
});
server.listen(${PORT}, process.argv[2], () => console.log("listening"));
`;

const temporary = temporaryFolder();
let host: HostProcess;
let sandbox: Sandbox;

async function serve(box: Sandbox, address = "127.0.0.1"): Promise<void> {
  let heard = "";
  await box.files.write("/workspace/server.mjs", SERVER);
  await box.commands.run(`node /workspace/server.mjs ${address}`, {
    background: true,
    timeoutMs: 0,
    onStdout: (text) => {
      heard += text;
    },
  });
  await eventually("the server listens", () => heard.includes("listening"));
}

beforeAll(async () => {
  const template = writeNodeTemplate(path.join(temporary.folder, "node"), REPO);
  host = await HostProcess.start(path.join(temporary.folder, "data"), ["--template", `node=${template}`]);
  sandbox = await host.create({}, "node");
  await serve(sandbox);
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

test("status, headers and path pass through; routing headers do not", async () => {
  const response = await host.fetchPort(sandbox, PORT, "/a%20b?q=1", { headers: { "x-mine": "yes" } });
  expect(response.status).toBe(418);
  expect(response.headers.get("x-path")).toBe("/a%20b?q=1");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  const seen = (await response.json()) as { headers: Record<string, string> };
  expect(seen.headers["x-mine"]).toBe("yes");
  expect(Object.keys(seen.headers).filter((name) => name.startsWith("e2b-"))).toEqual([]);
});

test("a host name <port>-<id>.<domain> leads to the port as well", async () => {
  expect(sandbox.getHost(PORT)).toBe(`${PORT}-${sandbox.sandboxId}.localhost:3220`);
  const { port } = new URL(host.url);
  const status = await new Promise((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port, path: "/x", headers: { host: sandbox.getHost(PORT) } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on("error", reject);
  });
  expect(status).toBe(418);
});

test("big bodies pass whole, both ways", async () => {
  const up = await host.fetchPort(sandbox, PORT, "/echo", {
    method: "POST",
    body: Buffer.alloc(20_000_000, 121),
  });
  expect(await up.json()).toMatchObject({ size: 20_000_000 });
  const down = await host.fetchPort(sandbox, PORT, "/big");
  expect((await down.arrayBuffer()).byteLength).toBe(20_000_000);
});

test("event streams arrive event by event", async () => {
  const response = await host.fetchPort(sandbox, PORT, "/events");
  const started = performance.now();
  const arrivals: [string, number][] = [];
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    arrivals.push([decoder.decode(chunk), performance.now() - started]);
  }
  expect(arrivals.map(([text]) => text)).toEqual(["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]);
  expect((arrivals[2]?.[1] ?? 0) - (arrivals[0]?.[1] ?? 0)).toBeGreaterThan(400);
});

test("WebSockets", async () => {
  const socket = new WebSocket(`${host.url.replace("http", "ws")}/ws`, {
    headers: { "E2b-Sandbox-Id": sandbox.sandboxId, "E2b-Sandbox-Port": String(PORT) },
  });
  const heard = await new Promise((resolve, reject) => {
    socket.on("open", () => socket.send("hello inside"));
    socket.on("message", (data: Buffer) => resolve(data.toString()));
    socket.on("error", reject);
  });
  expect(heard).toBe("hello inside");
  socket.terminate();
});

test("a closed port and a sandbox that is gone answer 502, and say which", async () => {
  const closed = await host.fetchPort(sandbox, 9, "/");
  expect(closed.status).toBe(502);
  expect(await closed.json()).toMatchObject({
    message: "The sandbox is running but port is not open",
    port: 9,
  });
  const gone = await fetch(host.url, { headers: { "E2b-Sandbox-Id": "inone", "E2b-Sandbox-Port": "80" } });
  expect(gone.status).toBe(502);
  expect(await gone.json()).toEqual({
    message: "The sandbox was not found",
    sandboxId: "inone",
    code: 502,
  });
  const nonsense = await host.fetchPort(sandbox, 99_999, "/");
  expect(nonsense.status).toBe(400);
});

test("a server that speaks nonsense, without end or not at all is answered for with 502", async () => {
  const script = `
import net from "node:net";
const answers = {
  8101: (socket) => socket.end(Buffer.alloc(5000, 7)),
  8102: (socket) => {
    socket.write("HTTP/1.1 200 OK\\r\\nx: ");
    const write = () => { while (socket.write("y".repeat(10000))); };
    socket.on("drain", write);
    write();
  },
  8103: (socket) => socket.destroy(),
  8104: (socket) => socket.end("HTTP/1.1 200 OK\\r\\ncontent-length: 5\\r\\ncontent-length: 6\\r\\n\\r\\nhello"),
};
for (const [port, answer] of Object.entries(answers)) {
  net.createServer((socket) => { socket.on("error", () => {}); socket.once("data", () => answer(socket)); }).listen(port);
}
console.log("listening");
`;
  let heard = "";
  await sandbox.files.write("/workspace/nonsense.mjs", script);
  const server = await sandbox.commands.run("node /workspace/nonsense.mjs", {
    background: true,
    timeoutMs: 0,
    onStdout: (text) => {
      heard += text;
    },
  });
  await eventually("they listen", () => heard.includes("listening"));
  for (const port of [8101, 8102, 8103, 8104]) {
    const response = await host.fetchPort(sandbox, port, "/", { signal: AbortSignal.timeout(20_000) });
    expect(response.status, String(port)).toBe(502);
    expect(await response.json()).toMatchObject({ message: "The connection to the port was lost" });
  }
  await server.kill();
  expect((await host.fetchPort(sandbox, PORT, "/")).status).toBe(418);
});

test("servers inside see the host name that the caller chose for them", async () => {
  const masked = await host.create({ network: { maskRequestHost: "app-${PORT}.test" } }, "node");
  await serve(masked);
  const response = await host.fetchPort(masked, PORT, "/");
  expect(await response.json()).toMatchObject({ headers: { host: `app-${PORT}.test` } });
  await masked.kill();
});

test("BUG-24: without public traffic, ports want the token, on ::1 as well; the server inside never sees it", async () => {
  const closed = await host.create({ network: { allowPublicTraffic: false } }, "node");
  await serve(closed, "::1");
  expect((await host.fetchPort(closed, PORT, "/")).status).toBe(403);
  const wrong = { "e2b-traffic-access-token": "wrong" };
  expect((await host.fetchPort(closed, PORT, "/", { headers: wrong })).status).toBe(403);
  const headers = { "e2b-traffic-access-token": closed.trafficAccessToken ?? "" };
  const response = await host.fetchPort(closed, PORT, "/", { headers });
  expect(response.status).toBe(418);
  expect(await response.text()).not.toContain(closed.trafficAccessToken);
  const refused = await new Promise((resolve) => {
    const socket = new WebSocket(host.url.replace("http", "ws"), {
      headers: { "E2b-Sandbox-Id": closed.sandboxId, "E2b-Sandbox-Port": String(PORT) },
    });
    socket.on("unexpected-response", (_request, answer) => resolve(answer.statusCode));
    socket.on("error", resolve);
  });
  expect(refused).toBe(403);
  await closed.kill();
});
