"use client";

import { LogOut, UserRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { signOut } from "#client/account.ts";
import { useAction } from "#client/action.ts";
import { leaveFor } from "#client/leave.ts";
import type { Role } from "#domain/roles.ts";
import { Avatar } from "../common/avatar.tsx";
import { Menu, MenuGroup, MenuItem, MenuLine, MenuTrigger } from "../ui/menu.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { navItemClass } from "./nav-item.ts";
import { OrganizationSwitch } from "./organization-switch.tsx";

export interface Account {
  name: string;
  email: string;
  organization: string;
  /** The identity driver's id of the organization. */
  organizationId: string;
  role: Role;
  userId: string;
  /** Clerk signs people in, and has its own switch of organizations. */
  clerk: boolean;
}

export function AccountMenu({ account }: { account: Account }) {
  const router = useRouter();
  const leave = useAction(async () => {
    await signOut();
    await leaveFor("/sign-in");
  }, "Couldn't sign you out");
  return (
    <Menu
      side="bar"
      className="w-64"
      trigger={
        <MenuTrigger className={navItemClass} aria-label={`${account.name}, account`} title={account.name}>
          <Avatar name={account.name} />
        </MenuTrigger>
      }
    >
      <MenuGroup
        head={
          <>
            <span className="block truncate font-semibold">{account.organization}</span>
            <span className="block truncate text-ink-2">{account.name}</span>
            <span className="block truncate text-small text-ink-3">
              {account.email}, {account.role}
            </span>
          </>
        }
      >
        {!account.clerk && (
          <>
            <MenuLine />
            <OrganizationSwitch current={account.organizationId} name={account.organization} />
          </>
        )}
        <MenuLine />
        <MenuItem icon={UserRound} onClick={() => router.push("/settings/account")}>
          Your account
        </MenuItem>
        <MenuItem icon={LogOut} closeOnClick={false} onClick={leave.run}>
          Sign out
        </MenuItem>
      </MenuGroup>
      <div className="px-2 py-1 empty:hidden">
        <ActionProblem failure={leave.failure} brief />
      </div>
    </Menu>
  );
}
