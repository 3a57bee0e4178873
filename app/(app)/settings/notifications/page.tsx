import type { Metadata } from "next";
import { NotificationsScreen } from "#components/settings/notifications-screen.tsx";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Notifications" };

export default async function NotificationsPage() {
  await pageMember("/settings/notifications");
  return <NotificationsScreen />;
}
