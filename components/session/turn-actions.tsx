"use client";

import { Ellipsis, type LucideIcon } from "lucide-react";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Icon } from "../ui/icon.tsx";
import { Menu, MenuItem, MenuTrigger } from "../ui/menu.tsx";

/** Something that can be done with a turn. */
export interface TurnAct {
  name: string;
  icon: LucideIcon;
  run: () => void;
}

/** What can be done with a turn: buttons that come with the pointer or the focus, a menu on a phone. @param of `turn 3` */
export function TurnActions({ of, acts }: { of: string; acts: readonly TurnAct[] }) {
  if (acts.length === 0) return null;
  return (
    <>
      <span className="flex gap-1 opacity-0 transition-opacity group-hover/entry:opacity-100 focus-within:opacity-100 max-sm:hidden motion-reduce:transition-none touch:opacity-100">
        {acts.map(({ name, icon, run }) => (
          <Button
            key={name}
            look="quiet"
            size="sm"
            className="-my-1"
            aria-label={`${name}, ${of}`}
            onClick={run}
          >
            <Icon as={icon} size="xs" />
            {name}
          </Button>
        ))}
      </span>
      <span className="sm:hidden">
        <Menu
          side="below"
          trigger={
            <MenuTrigger
              className={buttonClass({ look: "quiet", size: "sm", icon: true })}
              aria-label={`Actions for ${of}`}
            >
              <Icon as={Ellipsis} size="sm" />
            </MenuTrigger>
          }
        >
          {acts.map(({ name, icon, run }) => (
            <MenuItem key={name} icon={icon} onClick={run}>
              {name}
            </MenuItem>
          ))}
        </Menu>
      </span>
    </>
  );
}
