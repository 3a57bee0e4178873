import type http from "node:http";
import type { AddressInfo } from "node:net";
import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { serviceData } from "#server/convex/client.ts";
import { Book } from "#stripe-stand-in/book.ts";
import { Messages } from "#stripe-stand-in/messages.ts";
import { createServer } from "#stripe-stand-in/server.ts";
import { DataService } from "./data.ts";
import { servedBy } from "./web-server.ts";

const KEY = "sk_test_stand_in";
export const STRIPE_SECRET = "whsec_stand_in";

/** Has a server listen on a free port. @returns its address */
export async function listening(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export type Owner = Extract<Principal, { kind: "member" }>;

/** Studio's data, what stands in for Stripe, and its messages, which wait here until somebody delivers them. */
export class StripeWorld {
  readonly data: DataService;
  readonly book: Book;
  readonly url: string;
  /** Their bodies, as they were sent. */
  readonly messages: string[];
  readonly #servers: http.Server[];

  private constructor(
    data: DataService,
    book: Book,
    url: string,
    messages: string[],
    servers: http.Server[],
  ) {
    this.data = data;
    this.book = book;
    this.url = url;
    this.messages = messages;
    this.#servers = servers;
  }

  static async start(): Promise<StripeWorld> {
    const told: string[] = [];
    const inbox = servedBy(async (request) => {
      told.push(await request.text());
      return new Response(null, { status: 204 });
    });
    const book = new Book();
    const messages = new Messages(await listening(inbox), STRIPE_SECRET);
    const standIn = createServer({ book, messages, key: KEY });
    const url = await listening(standIn);
    const world = new StripeWorld(await DataService.start(), book, url, told, [inbox, standIn]);
    Object.assign(process.env, world.environment());
    return world;
  }

  /** What a server needs to be one of this Studio. */
  environment(): Record<string, string> {
    return {
      ...this.data.environment("http://localhost:3999"),
      STRIPE_SECRET_KEY: KEY,
      STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
      STRIPE_API_URL: this.url,
    };
  }

  /** An admin of a new organization. */
  async owner(name: string): Promise<Owner> {
    const ids = await serviceData().mutation(api.identity.mirror, {
      driver: "embedded",
      user: { externalId: `user-${name}`, name, email: `${name}@studio.example` },
      organization: { externalId: `org-${name}`, name, slug: name },
      role: "admin",
      assertedAt: Date.now(),
      welcomeMicroUsd: 0,
    });
    return { kind: "member", ...ids, role: "admin", name };
  }

  /** What Stripe would say that an organization's payments have brought, in cents. */
  cents(customerId: string): number {
    return Object.values(this.book.rows.payments)
      .filter(({ customer }) => customer === customerId)
      .reduce((sum, payment) => {
        const taken = this.book
          .disputesOf(payment.id)
          .filter(({ status }) => status !== "won")
          .reduce((all, { amountCents }) => all + amountCents, 0);
        return sum + Math.max(0, payment.amountCents - payment.refundedCents - taken);
      }, 0);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    await this.data.stop();
  }
}
