"use client";

import { Menu } from "@base-ui/react/menu";
import { Check, Monitor, Moon, Sun } from "lucide-react";
import { useRef } from "react";
import { NARROW, useMedia } from "../../lib/client/use-browser.ts";
import { setTheme, type Theme, THEMES, useTheme } from "../../lib/client/theme.ts";

const THEME_OPTIONS = {
  system: { name: "System", Icon: Monitor },
  light: { name: "Light", Icon: Sun },
  dark: { name: "Dark", Icon: Moon },
};

export function ThemeMenu() {
  const theme = useTheme();
  const narrow = useMedia(NARROW);
  const layer = useRef<HTMLDivElement>(null);
  const { Icon, name } = THEME_OPTIONS[theme];
  return (
    <Menu.Root>
      <Menu.Trigger className="nav-item" aria-label={`Theme: ${name}`} title="Theme">
        <Icon className="i" aria-hidden="true" />
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
          <Menu.Popup className="menu w-48">
            <Menu.RadioGroup value={theme} onValueChange={(value: Theme) => setTheme(value)}>
              {THEMES.map((value) => {
                const { Icon, name } = THEME_OPTIONS[value];
                return (
                  <Menu.RadioItem key={value} value={value} closeOnClick className="option">
                    <Icon className="i i-sm text-ink-3" aria-hidden="true" />
                    {name}
                    <Menu.RadioItemIndicator className="ml-auto">
                      <Check className="i i-sm text-accent" aria-hidden="true" />
                    </Menu.RadioItemIndicator>
                  </Menu.RadioItem>
                );
              })}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
