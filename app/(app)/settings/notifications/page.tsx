import type { Metadata } from "next";
import { NotificationsScreen } from "#components/settings/notifications-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { channelsHere, pushKey } from "#server/notifications/channels.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Notifications" };

export default async function NotificationsPage() {
  const { member } = await pageMember("/settings/notifications");
  return (
    <NotificationsScreen
      pushKey={pushKey()}
      available={channelsHere()}
      isAdmin={roleAtLeast(member.role, "admin")}
    />
  );
}
