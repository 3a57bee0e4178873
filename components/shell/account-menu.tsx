"use client";

import { Menu } from "@base-ui/react/menu";
import { LogOut, UserRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { signOut } from "../../lib/client/account.ts";
import { asApiError } from "../../lib/client/api.ts";
import { NARROW, useMedia } from "../../lib/client/use-browser.ts";
import { Avatar } from "../common/avatar.tsx";
import { OrganizationSwitch } from "./organization-switch.tsx";

export interface Account {
  name: string;
  email: string;
  organization: string;
  /** The identity driver's id of the organization. */
  organizationId: string;
  role: string;
  /** Clerk signs people in, and has its own switch of organizations. */
  clerk: boolean;
}

export function AccountMenu({ account }: { account: Account }) {
  const [problem, setProblem] = useState<string>();
  const router = useRouter();
  const narrow = useMedia(NARROW);
  const layer = useRef<HTMLDivElement>(null);
  const leave = async () => {
    setProblem(undefined);
    try {
      await signOut();
      window.location.assign("/sign-in");
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
  return (
    <Menu.Root>
      <Menu.Trigger className="nav-item" aria-label={`${account.name}, account`} title={account.name}>
        <Avatar name={account.name} />
      </Menu.Trigger>
      <div ref={layer} className="contents" />
      <Menu.Portal container={layer}>
        <Menu.Positioner
          side={narrow ? "top" : "right"}
          align="end"
          sideOffset={8}
          positionMethod="fixed"
          className="z-40"
        >
          <Menu.Popup className="menu w-64">
            <Menu.Group>
              <Menu.GroupLabel className="block px-2 pt-2 pb-2">
                <span className="block truncate font-semibold">{account.organization}</span>
                <span className="block truncate text-ink-2">{account.name}</span>
                <span className="block truncate text-small text-ink-3">
                  {account.email}, {account.role}
                </span>
              </Menu.GroupLabel>
              {!account.clerk && (
                <>
                  <Menu.Separator className="my-1 border-t border-line" />
                  <OrganizationSwitch current={account.organizationId} name={account.organization} />
                </>
              )}
              <Menu.Separator className="my-1 border-t border-line" />
              <Menu.Item className="option" onClick={() => router.push("/settings/account")}>
                <UserRound className="i i-sm text-ink-3" aria-hidden="true" />
                Your account
              </Menu.Item>
              <Menu.Item className="option" closeOnClick={false} onClick={() => void leave()}>
                <LogOut className="i i-sm text-ink-3" aria-hidden="true" />
                Sign out
              </Menu.Item>
            </Menu.Group>
            {problem && (
              <p role="alert" className="px-2 py-1 text-small text-danger">
                {problem}
              </p>
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
