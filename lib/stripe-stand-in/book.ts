import { randomBytes } from "node:crypto";
import fs from "node:fs";

export interface Customer {
  id: string;
  name: string;
  email: string;
  metadata: Record<string, string>;
  /** What its saved card does when it is charged without its owner; without it there is none. */
  card?: Card;
}
/** A card that pays, one that is declined, and one whose bank asks its owner. */
export type Card = "pays" | "declines" | "asks";
export interface Checkout {
  id: string;
  customer: string;
  currency: string;
  amountCents: number;
  product: string;
  metadata: Record<string, string>;
  /** Whether the card stays for payments without its owner. */
  savesCard: boolean;
  successUrl: string;
  cancelUrl: string;
  status: "open" | "complete" | "expired";
  payment: string | null;
  created: number;
}
export interface Payment {
  id: string;
  charge: string;
  customer: string;
  currency: string;
  amountCents: number;
  refundedCents: number;
  metadata: Record<string, string>;
  status: "succeeded" | "processing" | "requires_payment_method";
  created: number;
}
export interface Refund {
  id: string;
  payment: string;
  amountCents: number;
  created: number;
}
export interface Dispute {
  id: string;
  payment: string;
  amountCents: number;
  status: "needs_response" | "won" | "lost";
  created: number;
}

interface Rows {
  customers: Record<string, Customer>;
  checkouts: Record<string, Checkout>;
  payments: Record<string, Payment>;
  refunds: Record<string, Refund>;
  disputes: Record<string, Dispute>;
  /** What a request with a key was answered with: the same key gets it again. */
  once: Record<string, string>;
}
const EMPTY: Rows = { customers: {}, checkouts: {}, payments: {}, refunds: {}, disputes: {}, once: {} };

/** A name as Stripe's are: what it is of, and random letters. */
export const makeId = (kind: string): string => `${kind}_${randomBytes(12).toString("hex")}`;
export const seconds = (): number => Math.floor(Date.now() / 1_000);

/** What the stand-in knows, in a file where one is named: it is whole after each change, or as it was before. */
export class Book {
  readonly rows: Rows;
  readonly #file: string | undefined;

  constructor(file?: string) {
    this.#file = file;
    this.rows = structuredClone(EMPTY);
    if (file !== undefined && fs.existsSync(file))
      Object.assign(this.rows, JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Rows>);
  }

  save(): void {
    if (this.#file === undefined) return;
    fs.writeFileSync(`${this.#file}.new`, JSON.stringify(this.rows), { mode: 0o600 });
    fs.renameSync(`${this.#file}.new`, this.#file);
  }

  disputesOf(payment: string): Dispute[] {
    return Object.values(this.rows.disputes).filter((dispute) => dispute.payment === payment);
  }
}
