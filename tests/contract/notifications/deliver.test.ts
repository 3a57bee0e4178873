import { createHmac } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { notificationDelivery } from "#contracts/notification-destinations.ts";
import { seal } from "#server/keys/envelope.ts";
import { dataKeyFor } from "#server/keys/own-key.ts";
import { channelsHere } from "#server/notifications/channels.ts";
import { deliverNotification } from "#server/notifications/deliver.ts";
import { verifyMail } from "#server/notifications/mail.ts";
import { destinationPlace, sendTest } from "#server/notifications/send.ts";

const settings = {
  STUDIO_ALLOW_PRIVATE_URLS: true,
  STUDIO_KEK: `1:${Buffer.alloc(32, 1).toString("base64")}`,
  STUDIO_PUBLIC_URL: "https://studio.example.com",
  STUDIO_SIGN_UP: "invited",
  SMTP_URL: undefined as string | undefined,
  SMTP_FROM: { name: "Studio", address: "studio@example.com" },
};
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => settings,
  usesClerk: () => false,
}));

const USER = "studio";
const PASSWORD = "hunter2-of-the-mail-server";
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const id = "delivery1" as Id<"notificationDeliveries">;

interface Received {
  from: string;
  to: string[];
  user: string | undefined;
  raw: string;
}
const mails: Received[] = [];
/** What the mail server says to the next recipient; null where it takes them. */
let refusal: { code: number; text: string } | null = null;
let smtp: SMTPServer;

const posts: { headers: http.IncomingHttpHeaders; body: string }[] = [];
let status = 204;
let receiver: http.Server;
let url: string;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _session, done) =>
      username === USER && password === PASSWORD
        ? done(null, { user: username })
        : done(new Error("Not you")),
    onRcptTo: (_address, _session, done) => {
      if (!refusal) return done();
      return done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
    },
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          raw: Buffer.concat(pieces).toString(),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    smtp.listen(0, "127.0.0.1", resolve);
  });
  const { port } = smtp.server.address() as AddressInfo;
  settings.SMTP_URL = `smtp://${USER}:${PASSWORD}@127.0.0.1:${port}`;
  receiver = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      posts.push({ headers: request.headers, body });
      response.writeHead(status).end("inner words");
    });
  });
  await new Promise<void>((resolve) => {
    receiver.listen(0, "127.0.0.1", resolve);
  });
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(resolve));
  receiver.closeAllConnections();
  receiver.close();
});
beforeEach(() => {
  mails.length = 0;
  posts.length = 0;
  refusal = null;
  status = 204;
});

const CLAIMED = {
  organizationId: "org",
  organization: "Acme",
  kind: "approval",
  sessionId: "s1",
  runId: "r1",
  key: "k1",
  title: "Fix it",
  text: "Run npm test",
  at: 1_000,
  attempt: 1,
  more: 0,
  isOver: false,
};

/** A delivery that is due, once. @returns what was noted of it */
async function deliver(to: object, more: object = {}): Promise<Record<string, unknown>[]> {
  const came: Record<string, unknown>[] = [];
  const waiting: unknown[] = [{ ...CLAIMED, to, ...more }];
  const mutation = async (_: unknown, args: Record<string, unknown>) => {
    if ("attempt" in args) came.push(args);
    return await Promise.resolve("attempt" in args ? null : (waiting.shift() ?? null));
  };
  await deliverNotification(id, { mutation, query: mutation });
  return came;
}

const mailTo = (address: string) => ({ channel: "email", address });
function destination(channel: "slack" | "webhook", to = url, sealedFor = "one") {
  const { key, made } = dataKeyFor("org", null);
  const text = JSON.stringify({ url: to, ...(channel === "webhook" && { secret: SECRET }) });
  return {
    channel,
    sealedFor,
    ciphertext: seal(key, destinationPlace("org", "one"), text),
    dataKey: made,
  };
}

test("an e-mail goes to the person alone, from whom the operator said, with an id that stays", async () => {
  await verifyMail();
  expect(await deliver(mailTo("ada@example.com"))).toMatchObject([{ outcome: "sent", attempt: 1 }]);
  await deliver(mailTo("ada@example.com"), { attempt: 2 });
  expect(mails).toHaveLength(2);
  for (const { from, to, user, raw } of mails) {
    expect({ from, to, user }).toEqual({ from: "studio@example.com", to: ["ada@example.com"], user: USER });
    expect(raw).toMatch(/^From: Studio <studio@example\.com>\r$/m);
    expect(raw).toMatch(/^To: ada@example\.com\r$/m);
    expect(raw).toMatch(/^Message-ID: <delivery1@studio\.example\.com>\r$/m);
    expect(raw).toMatch(/^Subject: Needs approval: Fix it\r$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toContain("Content-Type: text/plain");
    expect(raw).toContain("Content-Type: text/html");
  }
});

test("no title makes a header, and none a second recipient", async () => {
  const title = "x\r\nBcc: eve@example.com\r\n\r\nHello";
  expect(await deliver(mailTo("ada@example.com"), { title, text: title })).toMatchObject([
    { outcome: "sent" },
  ]);
  const [{ to, raw } = { to: [], raw: "" }] = mails;
  expect(to).toEqual(["ada@example.com"]);
  const [head = ""] = raw.split("\r\n\r\n");
  expect(head).not.toMatch(/^Bcc/im);
  expect(head).toMatch(/^Subject: Needs approval: x Bcc: eve@example\.com/m);
});

test.each([
  "ada@example.com, eve@example.com",
  "Eve <eve@example.com>",
  "ada@example.com\r\nBcc: eve@example.com",
  '"a b"@example.com',
  "nobody",
  "",
])("nothing goes to the address %j", async (address) => {
  expect(await deliver(mailTo(address))).toMatchObject([{ outcome: "never" }]);
  expect(mails).toEqual([]);
});

test("where anybody can sign up with anybody's address, no e-mail goes, whatever was chosen", async () => {
  settings.STUDIO_SIGN_UP = "open";
  expect(channelsHere()).toEqual(["page", "browser"]);
  expect(await deliver(mailTo("ada@example.com"))).toMatchObject([{ outcome: "never" }]);
  settings.STUDIO_SIGN_UP = "closed";
  expect(channelsHere()).toContain("email");
  expect(mails).toEqual([]);
});

test.each([
  [550, "never"],
  [451, "later"],
])("what the mail server refuses with %i is tried %s", async (code, outcome) => {
  refusal = { code, text: "ada@example.com has a secret" };
  const came = await deliver(mailTo("ada@example.com"));
  expect(came).toMatchObject([{ outcome, status: code }]);
  expect(JSON.stringify(came)).not.toContain("secret");
});

test("a delivery to a webhook is signed, and is what the contract declares", async () => {
  expect(await deliver(destination("webhook"))).toMatchObject([{ outcome: "sent", status: 204 }]);
  const { headers, body } = posts[0]!;
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const mac = createHmac("sha256", Buffer.alloc(32, 7)).update(signed).digest("base64");
  expect(headers).toMatchObject({ "webhook-id": id, "webhook-signature": `v1,${mac}` });
  expect(notificationDelivery.parse(JSON.parse(body))).toEqual({
    type: "notification.approval",
    timestamp: "1970-01-01T00:00:01.000Z",
    data: {
      organization_id: "org",
      session_id: "s1",
      run_id: "r1",
      key: "k1",
      title: "Fix it",
      text: "Run npm test",
      url: "https://studio.example.com/approvals?kind=approval&run=r1&key=k1",
    },
  });
});

test("a test says that it is one", async () => {
  expect(await sendTest("webhook", "org", { url, secret: SECRET })).toMatchObject({ outcome: "sent" });
  expect(notificationDelivery.parse(JSON.parse(posts[0]!.body))).toMatchObject({ type: "notification.test" });
  status = 500;
  const failed = await sendTest("slack", "org", { url });
  expect(failed).toEqual({ outcome: "later", status: 500, error: "The server returned 500." });
  expect(JSON.parse(posts[1]!.body)).toEqual({ text: expect.stringContaining("test") });
});

test.each([
  ["slack", 404, "never"],
  ["slack", 429, "later"],
  ["webhook", 404, "later"],
  ["webhook", 410, "never"],
] as const)(
  "%s that returns %i is tried %s; what it says is read by nobody",
  async (channel, code, outcome) => {
    status = code;
    const came = await deliver(destination(channel));
    expect(came).toMatchObject([{ outcome, status: code, error: `The server returned ${code}.` }]);
    expect(JSON.stringify(came)).not.toContain("inner words");
  },
);

test("an address inside of the network is not called, and one that can't be opened says so", async () => {
  settings.STUDIO_ALLOW_PRIVATE_URLS = false;
  for (const inside of [url, "https://127.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/"])
    expect(await deliver(destination("webhook", inside))).toMatchObject([{ outcome: "later", status: null }]);
  settings.STUDIO_ALLOW_PRIVATE_URLS = true;
  const moved = { ...destination("webhook"), sealedFor: "another" };
  expect(await deliver(moved)).toMatchObject([
    { outcome: "later", error: expect.stringMatching(/decrypted/) },
  ]);
  expect(await deliver({ ...destination("slack"), dataKey: null })).toMatchObject([{ outcome: "later" }]);
  expect(posts).toEqual([]);
});
