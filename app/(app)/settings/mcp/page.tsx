import type { Metadata } from "next";
import { McpScreen } from "#components/settings/mcp-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "MCP servers" };

export default async function McpPage() {
  const { member } = await pageMember("/settings/mcp");
  return (
    <McpScreen
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, change, and remove MCP servers; you're a ${member.role}.`
      }
    />
  );
}
