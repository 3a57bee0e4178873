import type { ReactNode } from "react";
import { SettingsHeader } from "../../../components/settings/settings-header.tsx";
import { visitor } from "../member.ts";

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const { who } = await visitor();
  return (
    <main className="main" id="main">
      <SettingsHeader organization={who?.organization?.name ?? ""} />
      <div className="page">
        <div className="max-w-[1184px]">{children}</div>
      </div>
    </main>
  );
}
