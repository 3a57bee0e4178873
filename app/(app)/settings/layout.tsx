import type { ReactNode } from "react";
import { LimitsBanner } from "#components/common/limits-banner.tsx";
import { SettingsHeader } from "#components/settings/settings-header.tsx";
import { SettingsNav } from "#components/settings/settings-nav.tsx";
import { PageMain } from "#components/ui/page-frame.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { visitor } from "../member.ts";

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const { who, member } = await visitor();
  return (
    <PageMain>
      <SettingsHeader organization={who?.organization?.name ?? ""} />
      <div className="flex min-h-0 flex-1 flex-col two:flex-row">
        <SettingsNav />
        <div className="min-h-0 min-w-0 flex-1 overflow-auto px-6 pt-5 pb-8 max-sm:px-3 max-sm:pt-4 max-sm:pb-6">
          <div className="max-w-[1184px]">
            {member && roleAtLeast(member.role, "member") && <LimitsBanner />}
            {children}
          </div>
        </div>
      </div>
    </PageMain>
  );
}
