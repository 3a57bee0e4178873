import type { Metadata } from "next";
import { McpScreen } from "#components/settings/mcp-screen.tsx";
import type { BroughtBack } from "#components/settings/mcp-sign-in.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "MCP servers" };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function McpPage({ searchParams }: { searchParams: Query }) {
  const { state, code, iss } = await searchParams;
  const text = (value: typeof state) => (typeof value === "string" ? value : undefined);
  const back = { state: text(state), code: text(code), iss: text(iss) };
  const { member } = await pageMember("/settings/mcp");
  return (
    <McpScreen
      back={back.state === undefined ? undefined : (back as BroughtBack)}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, change, and remove MCP servers; you're a ${member.role}.`
      }
    />
  );
}
