import type { ReactElement } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import AppLayout from "../../../app/(app)/layout.tsx";
import { KeepSignedIn } from "../../../app/keep-signed-in.tsx";
import OperatorLayout from "../../../app/operator/layout.tsx";

const uses = vi.hoisted(() => ({ clerk: false }));
vi.mock("#server/env.ts", () => ({
  usesClerk: () => uses.clerk,
  env: () => ({ CONVEX_URL: "http://data.test", STUDIO_OPERATORS: [] }),
}));
const ClerkSession = vi.hoisted(() => () => null);
vi.mock("#server/auth/clerk-pages.tsx", () => ({ ClerkSession }));
vi.mock("../../../app/operator/operator.ts", () => ({
  pageOperator: async () => ({ by: "op@studio.example" }),
}));
vi.mock("../../../app/(app)/member.ts", () => ({
  visitor: async () => ({
    who: {
      user: { name: "Ada", email: "ada@studio.example" },
      organization: { name: "Acme", externalId: "o" },
    },
    member: { role: "admin", userId: "u" },
  }),
}));

beforeEach(() => void (uses.clerk = false));

test("the console's pages and the app's keep people signed in", async () => {
  for (const layout of [OperatorLayout, AppLayout])
    expect(((await layout({ children: "page" })) as ReactElement).type).toBe(KeepSignedIn);
});

test("Clerk's script is in the page where Clerk signs people in, and nowhere else", async () => {
  expect(await KeepSignedIn({ children: "page" })).toBe("page");
  uses.clerk = true;
  const kept = (await KeepSignedIn({ children: "page" })) as ReactElement<{ children: string }>;
  expect(kept.type).toBe(ClerkSession);
  expect(kept.props.children).toBe("page");
});
