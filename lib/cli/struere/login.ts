import { spawn } from "node:child_process";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { z } from "zod";
import { addressOf } from "#contracts/address.ts";
import { beginLoginResponse, claimLoginResponse } from "#contracts/command-login.ts";
import { type Login, keepLogin } from "./credentials.ts";
import { CliError, EXIT } from "./options.ts";
import type { Report } from "./project.ts";
import { type Environment, Remote, send } from "./remote.ts";

/** How a person logs in. */
export interface LoginCall {
  /** Studio's own address. */
  studio: string;
  settings: Environment;
  environment: "development" | "production";
  /** Without a browser on this machine: a code is typed on another one. */
  device: boolean;
  say: (line: string) => void;
  /** Shows a page to the person. */
  open?: (url: string) => void;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Studio's address as it was typed. @throws CliError where a key must not go there */
export function studioUrl(typed: string): string {
  let url: URL;
  try {
    url = new URL(/^https?:\/\//.test(typed) ? typed : `https://${typed}`);
  } catch {
    throw new CliError(`“${typed}” isn't an address.`, EXIT.usage);
  }
  const isLocal = url.hostname === "localhost" || url.hostname === "127.0.0.1" || url.hostname === "[::1]";
  if (url.protocol !== "https:" && !isLocal)
    throw new CliError(`${url.host} must be reached by https.`, EXIT.usage);
  return url.origin;
}

/** What Studio shows as the machine: only what a page can show without a doubt. */
const machineName = () =>
  os
    .hostname()
    .replaceAll(/[^\w .-]/g, "-")
    .slice(0, 60)
    .trim() || "this computer";

function openPage(url: string): void {
  const [program, ...args]: [string, ...string[]] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler", url]
        : ["xdg-open", url];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  // Without a browser, the address is on the terminal.
  child.on("error", () => undefined);
  child.unref();
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>struere</title>
<body style="font:16px system-ui;margin:4rem auto;max-width:30rem"><h1 style="font-size:1.5rem">You're logged in</h1>
<p>Return to your terminal. You can close this tab.</p>`;

/** Waits on loopback for the browser to bring what Studio's page handed to it. */
async function listen(state: string): Promise<{
  port: number;
  handover: Promise<string>;
  close: () => void;
}> {
  let arrived: (handover: string) => void;
  const handover = new Promise<string>((resolve) => (arrived = resolve));
  const server = http.createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
    const [given, told] = [url.searchParams.get("handover"), url.searchParams.get("state") ?? ""];
    // A page that has this name of its own point here has another host; one that guesses has another state.
    const isOurs =
      request.headers.host === `127.0.0.1:${port}` &&
      url.pathname === "/callback" &&
      timingSafeEqual(Buffer.from(sha256(told)), Buffer.from(sha256(state)));
    response.setHeader("connection", "close");
    response.setHeader("referrer-policy", "no-referrer");
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (request.method !== "GET" || !isOurs || !given) {
      response.writeHead(400).end("This isn't the login that struere waits for.");
      return;
    }
    response.end(PAGE);
    arrived(given);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    handover,
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
}

type Claimed = z.output<typeof claimLoginResponse>;

/** Asks until the person has decided. @throws CliError where they declined, or it took too long */
async function decided(
  studio: string,
  begun: z.output<typeof beginLoginResponse>,
  handover: Promise<string> | undefined,
): Promise<Extract<Claimed, { status: "approved" }>> {
  const until = Date.parse(begun.expires_at);
  let brought: string | undefined;
  void handover?.then((given) => (brought = given));
  for (;;) {
    // What the browser brings ends the wait at once.
    await Promise.race([wait(begun.poll_ms), ...(handover && brought === undefined ? [handover] : [])]);
    const answer = await send(claimLoginResponse, {
      url: `${studio}${addressOf("POST /api/v1/command-logins/claim").path}`,
      body: { secret: begun.secret, ...(brought !== undefined && { handover: brought }) },
    }).catch((error: unknown) => {
      // A moment without network, or too many commands in one office, is no end.
      if (error instanceof CliError && error.mayPass) return { status: "pending" } as const;
      throw error;
    });
    if (answer.status === "approved") return answer;
    if (answer.status === "denied") throw new CliError("The login was declined.", EXIT.access);
    if (Date.now() > until)
      throw new CliError("Nobody confirmed the login within ten minutes. Try again.", EXIT.access);
  }
}

/** Has a person confirm, on a page of Studio, a key that only this machine ever knows. @throws CliError */
export async function loginByPerson(call: LoginCall): Promise<Report> {
  const { studio, settings, environment, device, say, open = openPage } = call;
  const key = `sk_studio_${randomBytes(32).toString("hex")}`;
  const state = randomBytes(24).toString("base64url");
  const callback = device ? undefined : await listen(state);
  try {
    const begun = await send(beginLoginResponse, {
      url: `${studio}${addressOf("POST /api/v1/command-logins").path}`,
      body: {
        flow: device ? "device" : "browser",
        machine: machineName(),
        environment,
        key_hash: sha256(key),
        key_last4: key.slice(-4),
      },
    });
    const page = new URL(new URL(begun.page).pathname, studioUrl(begun.page));
    if (callback) {
      page.search = new URLSearchParams({
        code: begun.code,
        port: String(callback.port),
        state,
      }).toString();
      say(`Confirm the login in your browser. It shows the code ${begun.code}.`);
      say(`If no browser opens, visit ${page.href}`);
      open(page.href);
    } else {
      say(`Open ${page.href} on any device, and enter the code`);
      say(`  ${begun.code}`);
    }
    const { organization, site_url, ...told } = await decided(studio, begun, callback?.handover);
    const login: Login = {
      // Some have a path; none may be where others can listen.
      url: `${studioUrl(site_url)}${new URL(site_url).pathname}`.replace(/\/$/, ""),
      studio,
      key,
      organization,
      environment: told.environment,
      expiresAt: told.expires_at,
    };
    const before = await keepLogin(settings, login);
    // The key that this one replaces is nobody's any more.
    if (before?.studio !== undefined)
      await new Remote({ STRUERE_API_KEY: before.key, STRUERE_CONVEX_SITE_URL: before.url })
        .logout()
        .catch(() => undefined);
    return {
      exitCode: 0,
      lines: [
        `Logged in to ${organization.name}, ${told.environment}, until ${told.expires_at.slice(0, 10)}.`,
      ],
      json: { organization, environment: told.environment, expires_at: told.expires_at },
    };
  } finally {
    callback?.close();
  }
}
