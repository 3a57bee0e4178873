"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { setTheme, THEMES, useTheme } from "#client/theme.ts";
import { Icon } from "../ui/icon.tsx";
import { Menu, MenuChoices, MenuTrigger } from "../ui/menu.tsx";
import { navIconClass, navItemClass } from "./nav-item.ts";

export const THEME_NAMES = {
  system: { name: "System", icon: Monitor },
  light: { name: "Light", icon: Sun },
  dark: { name: "Dark", icon: Moon },
};

export function ThemeMenu() {
  const theme = useTheme();
  const { icon, name } = THEME_NAMES[theme];
  return (
    <Menu
      side="bar"
      trigger={
        <MenuTrigger className={navItemClass} aria-label={`Theme: ${name}`} title="Theme">
          <Icon as={icon} className={navIconClass} />
        </MenuTrigger>
      }
    >
      <MenuChoices
        label="Theme"
        value={theme}
        items={THEMES.map((value) => ({ value, ...THEME_NAMES[value] }))}
        onChange={setTheme}
      />
    </Menu>
  );
}
