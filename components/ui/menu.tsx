"use client";

import { ContextMenu as Context } from "@base-ui/react/context-menu";
import { Menu as Base } from "@base-ui/react/menu";
import { Check, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { type ReactElement, type ReactNode, useRef } from "react";
import { NARROW, useMedia } from "#client/use-browser.ts";
import { cn } from "./cn.ts";
import { Icon } from "./icon.tsx";

export const menuClass =
  "max-h-(--available-height) max-w-[calc(100vw-16px)] overflow-y-auto rounded-md border border-line-strong bg-raised p-1 shadow-(--lift) outline-0";
export const menuLabelClass =
  "flex justify-between gap-3 px-2 pt-2 pb-[3px] text-micro font-medium text-ink-3";
export const optionClass =
  "flex min-h-7 w-full cursor-default items-center gap-2 rounded-sm px-2 py-[3px] outline-0 select-none data-checked:bg-selected data-disabled:cursor-not-allowed data-highlighted:bg-hover data-selected:bg-selected data-highlighted:data-checked:bg-hover data-highlighted:data-selected:bg-hover touch:min-h-11";

/** A list of acts that opens from a button. */
export function Menu({
  trigger,
  side,
  className = "w-48",
  children,
}: {
  /** A `Menu.Trigger` of Base UI. */
  trigger: ReactElement;
  /** `bar`: beside the main navigation, and above it on a phone. */
  side: "bar" | "below";
  className?: string;
  children: ReactNode;
}) {
  const narrow = useMedia(NARROW);
  // Inside the page's landmarks, where people who listen look for it.
  const layer = useRef<HTMLDivElement>(null);
  const isBar = side === "bar";
  return (
    <Base.Root>
      {trigger}
      <div ref={layer} className="contents" />
      <Base.Portal container={layer}>
        <Base.Positioner
          side={isBar ? (narrow ? "top" : "right") : "bottom"}
          align="end"
          sideOffset={isBar ? 8 : 4}
          positionMethod="fixed"
          className="z-40"
        >
          <Base.Popup className={cn(menuClass, className)}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export const MenuTrigger = Base.Trigger;

/** The same list where the right button, a long touch or the menu key asks for it, within what it is about. */
export function ContextMenu({
  area,
  onOpenChange,
  className = "w-48",
  children,
}: {
  /** The element that it is about, with `children` of its own. */
  area: ReactElement;
  onOpenChange?: (open: boolean) => void;
  className?: string;
  children: ReactNode;
}) {
  const layer = useRef<HTMLDivElement>(null);
  return (
    <Context.Root {...(onOpenChange && { onOpenChange })}>
      <Context.Trigger render={area} />
      <div ref={layer} className="contents" />
      <Context.Portal container={layer}>
        <Context.Positioner positionMethod="fixed" className="z-40">
          <Context.Popup className={cn(menuClass, className)}>{children}</Context.Popup>
        </Context.Positioner>
      </Context.Portal>
    </Context.Root>
  );
}

/** One act of a menu. */
export function MenuItem({
  icon,
  children,
  ...rest
}: {
  icon: LucideIcon;
  children: ReactNode;
  onClick: () => void;
  closeOnClick?: boolean;
  disabled?: boolean;
  title?: string | undefined;
}) {
  return (
    <Base.Item {...rest} className={optionClass}>
      <Icon as={icon} size="sm" className="text-ink-3" />
      {children}
    </Base.Item>
  );
}

/** The way to another page, among a menu's acts. */
export function MenuLink({ icon, href, children }: { icon: LucideIcon; href: string; children: ReactNode }) {
  return (
    <Base.Item className={optionClass} render={<Link href={href} />}>
      <Icon as={icon} size="sm" className="text-ink-3" />
      {children}
    </Base.Item>
  );
}

/** Several of which one is chosen. */
export function MenuChoices<T extends string>({
  label,
  value,
  items,
  onChange,
}: {
  label: string;
  value: T;
  items: readonly { value: T; name: string; icon?: LucideIcon; staysOpen?: boolean }[];
  onChange: (value: T) => void;
}) {
  return (
    <Base.RadioGroup aria-label={label} value={value} onValueChange={(next: T) => onChange(next)}>
      {items.map(({ value: own, name, icon, staysOpen = false }) => (
        <Base.RadioItem key={own} value={own} closeOnClick={!staysOpen} className={optionClass}>
          {icon && <Icon as={icon} size="sm" className="text-ink-3" />}
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <Base.RadioItemIndicator>
            <Icon as={Check} size="sm" className="text-accent" />
          </Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export const MenuLine = () => <Base.Separator className="my-1 border-t border-line" />;

/** A group of a menu, with its head. */
export function MenuGroup({ head, children }: { head: ReactNode; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="block p-2">{head}</Base.GroupLabel>
      {children}
    </Base.Group>
  );
}
