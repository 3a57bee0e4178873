"use client";

import Link from "next/link";
import type { ComponentProps, MouseEvent } from "react";
import { buttonClass, isTinted, type Looks } from "./button-class.ts";

/** What a button starts, and whether that is under way. */
interface Pressable {
  run: () => void;
  pending: boolean;
}

/**
 * A button. While it is off it stays in the order of Tab and says why on hover; a press does nothing.
 * @param action what it starts: meanwhile it is off, and shows `busy`
 */
export function Button({
  look,
  size,
  icon,
  action,
  busy,
  off = false,
  onClick,
  className,
  children,
  type = "button",
  ...rest
}: ComponentProps<"button"> &
  Looks & {
    action?: Pressable | undefined;
    /** Its words while the action is under way. */
    busy?: string;
    off?: boolean;
  }) {
  const isOff = off || (action?.pending ?? false);
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (isOff) return event.preventDefault();
    action?.run();
    onClick?.(event);
  };
  return (
    <button
      {...rest}
      // oxlint-disable-next-line react/button-has-type -- its type is given, and a button by default
      type={type}
      className={buttonClass({ look, size, icon }, className)}
      data-tinted={isTinted(look)}
      aria-disabled={isOff}
      onClick={press}
    >
      {action?.pending && busy !== undefined ? busy : children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ look, size, icon, className, ...rest }: ComponentProps<typeof Link> & Looks) {
  return (
    <Link {...rest} className={buttonClass({ look, size, icon }, className)} data-tinted={isTinted(look)} />
  );
}
