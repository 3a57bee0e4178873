import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { duplexPair } from "node:stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createEgressProxy } from "#sandbox-host/network/egress.ts";
import { PublicAddresses } from "#sandbox-host/network/public-addresses.ts";

/** Stands for whatever listens on the host's loopback; no sandbox may ever reach it. */
let reached = 0;
const secret = http.createServer((_req, res) => {
  reached += 1;
  res.end("secret");
});
const port = (): number => (secret.address() as AddressInfo).port;
beforeAll(() => new Promise<void>((resolve) => secret.listen(0, "127.0.0.1", resolve)));
afterAll(() => void secret.close());

interface Asked {
  answer: string;
  lookups: string[];
}

/** Sends one request to a proxy without rules, whose names resolve to `addresses`, a list a lookup. */
async function ask(request: string, addresses: string[][]): Promise<Asked> {
  const lookups: string[] = [];
  const proxy = createEgressProxy({
    policy: { published: [], ceiling: [], addresses: new PublicAddresses() },
    rules: () => ({ allowOut: [], denyOut: [], allowInternetAccess: true }),
    onRefused: () => undefined,
    lookup: async (host) => {
      lookups.push(host);
      const found = addresses.shift();
      if (!found) throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
      return found;
    },
  });
  const [inside, outside] = duplexPair();
  proxy.emit("connection", outside);
  let answer = "";
  inside.on("data", (bytes: Buffer) => {
    answer += bytes.toString();
  });
  inside.write(request);
  await new Promise((resolve) => {
    inside.on("end", resolve);
    inside.on("close", resolve);
  });
  return { answer, lookups };
}

const connect = (host: string) => `CONNECT ${host}:${port()} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
const absolute = (host: string) =>
  `GET http://${host}:${port()}/ HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;

test.each([
  ["loopback", ["127.0.0.1"]],
  ["loopback of IPv6", ["::1"]],
  ["IPv4 within IPv6", ["::ffff:127.0.0.1"]],
  ["a private range", ["10.1.2.3"]],
  ["link-local metadata", ["169.254.169.254"]],
  ["unspecified", ["0.0.0.0"]],
  ["unique local", ["fd00::1"]],
  ["all at once", ["::1", "10.0.0.1", "127.0.0.1"]],
])("a name that resolves to %s is refused", async (_what, addresses) => {
  for (const request of [connect("rebound.test"), absolute("rebound.test")]) {
    const { answer, lookups } = await ask(request, [addresses]);
    expect(answer).toMatch(/^HTTP\/1.1 403/);
    expect(lookups).toEqual(["rebound.test"]);
  }
  expect(reached).toBe(0);
});

test("a name is looked up once, so that it cannot change its meaning between check and connection", async () => {
  const targets: string[] = [];
  // Stops at the door: the address may be anybody's.
  const door = vi.spyOn(net.Socket.prototype, "connect").mockImplementation(function (
    this: net.Socket,
    ...args
  ) {
    targets.push(JSON.stringify(args));
    process.nextTick(() => this.destroy(new Error("not from a test")));
    return this;
  });
  for (const request of [connect("rebound.test"), absolute("rebound.test")]) {
    const { answer, lookups } = await ask(request, [["8.8.8.8"], ["127.0.0.1"]]);
    expect(answer).toMatch(/^HTTP\/1.1 502/);
    expect(lookups).toEqual(["rebound.test"]);
  }
  door.mockRestore();
  expect(targets).toHaveLength(2);
  for (const target of targets) expect(target).toContain("8.8.8.8");
  expect(reached).toBe(0);
});

test("a name without any address says so", async () => {
  expect((await ask(connect("none.test"), [])).answer).toMatch(/^HTTP\/1.1 502/);
});

test("BUG-B9: a refusal names Studio's network policy, wherever a program looks", async () => {
  for (const request of [connect("rebound.test"), absolute("rebound.test")]) {
    const { answer } = await ask(request, [["10.1.2.3"]]);
    expect(answer).toMatch(/^HTTP\/1.1 403 Blocked by Studio's network policy\r\n/);
    expect(answer).toMatch(
      /\r\nproxy-status: studio; error=http_request_denied; details="its address is not public"\r\n/i,
    );
    expect(answer).toContain("Studio's network policy does not let this sandbox reach rebound.test");
    const unknown = await ask(request, []);
    expect(unknown.answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
    expect(unknown.answer).not.toContain("policy");
  }
});

describe("rules that change while a connection is open", () => {
  /** A proxy to one destination, through which bytes go to and fro; `open` connects. */
  async function proxied() {
    const far = net.createServer((socket) => void socket.on("error", () => undefined).pipe(socket));
    await new Promise<void>((resolve) => far.listen(0, "127.0.0.1", resolve));
    let rules = { allowOut: ["far.internal:80"], denyOut: ["0.0.0.0/0"], allowInternetAccess: true };
    const refused: string[] = [];
    const proxy = createEgressProxy({
      policy: {
        published: [{ name: "far.internal", port: 80, targetPort: (far.address() as AddressInfo).port }],
        ceiling: [],
        addresses: new PublicAddresses(),
      },
      rules: () => rules,
      onRefused: ({ host }, kind) => refused.push(`${host} ${kind}`),
    });
    const connectTo = async () => {
      const [inside, outside] = duplexPair();
      proxy.emit("connection", outside);
      const ended = new Promise<void>((resolve) => void inside.once("close", resolve).once("end", resolve));
      const said = () =>
        new Promise<string>((resolve) => inside.once("data", (b: Buffer) => resolve(b.toString())));
      const answer = said();
      inside.write("CONNECT far.internal:80 HTTP/1.1\r\n\r\n");
      return { inside, ended, said, answer: await answer };
    };
    return {
      connectTo,
      refused,
      set: (allowOut: string[]) => {
        rules = { ...rules, allowOut };
        proxy.recheck();
      },
      close: () => far.close(),
    };
  }

  test("end what they no longer allow, and refuse it in the policy's words", async () => {
    const { connectTo, refused, set, close } = await proxied();
    const { answer, ended } = await connectTo();
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    set([]);
    await ended;
    const again = await connectTo();
    expect(again.answer).toMatch(/^HTTP\/1.1 403 Blocked by Studio's network policy/);
    expect(refused).toEqual(["far.internal policy"]);
    close();
  });

  test("answer what was let through, and is not any longer by the time that its name is known", async () => {
    let rules = { allowOut: ["far.example"], denyOut: ["0.0.0.0/0"], allowInternetAccess: true };
    const proxy = createEgressProxy({
      policy: { published: [], ceiling: [], addresses: new PublicAddresses() },
      rules: () => rules,
      onRefused: () => undefined,
      lookup: async () => {
        rules = { ...rules, allowOut: [] };
        return ["8.8.8.8"];
      },
    });
    const [inside, outside] = duplexPair();
    proxy.emit("connection", outside);
    let answer = "";
    inside.on("data", (bytes: Buffer) => (answer += bytes.toString()));
    const ended = new Promise((resolve) => inside.once("end", resolve).once("close", resolve));
    inside.write(connect("far.example"));
    await ended;
    expect(answer).toMatch(/^HTTP\/1.1 502/);
  });

  test("leave alone what they still allow", async () => {
    const { connectTo, set, close } = await proxied();
    const { inside, said } = await connectTo();
    set(["*.example.com", "far.internal"]);
    const echoed = said();
    inside.write("still here");
    expect(await echoed).toBe("still here");
    inside.destroy();
    close();
  });
});

test("a name that is longer than any can be is no destination", async () => {
  const long = `${"a".repeat(60)}.`.repeat(5) + "example";
  for (const request of [connect(long), absolute(long)])
    expect((await ask(request, [["8.8.8.8"]])).answer).toMatch(/^HTTP\/1.1 400/);
});
