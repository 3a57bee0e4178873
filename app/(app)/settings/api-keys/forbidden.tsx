import { NoAccess } from "#components/common/no-access.tsx";
import { visitor } from "../../member.ts";

export default async function ApiKeysForbidden() {
  const { member } = await visitor();
  return (
    <NoAccess
      title="Only admins can manage API keys"
      why={`Only admins can create and revoke keys; you're a ${member?.role ?? ""}. Ask an admin for a key with the scopes you need.`}
    />
  );
}
