"use client";

import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { buttonClass } from "./button-class.ts";
import { cn } from "./cn.ts";
import { Field } from "./field.tsx";

export const scrimClass = "fixed inset-0 z-40 bg-(--scrim)";
const popupClass =
  "fixed inset-0 z-50 m-auto h-fit w-[400px] max-w-[calc(100vw-32px)] rounded-md border border-line-strong bg-raised p-4 shadow-(--lift) outline-0";

/** A layer over the page, with its name. It is closed by Escape, by a press outside, and by what closes it inside. */
export function Dialog({
  title,
  onClose,
  className,
  children,
}: {
  title: ReactNode;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={scrimClass} />
        <Base.Popup className={cn(popupClass, className)}>
          {title}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export const DialogTitle = Base.Title;
export const DialogClose = Base.Close;

/** Asks before something that cannot be taken back. Focus starts at the harmless answer. */
export function Confirm({
  open,
  onClose,
  title,
  children,
  confirm,
  cancel,
  typed,
  onConfirm,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  confirm: string;
  cancel: string;
  /** A word that has to be typed first, for what many people would feel. */
  typed?: string | undefined;
  /** Called once the question is gone. */
  onConfirm: () => void;
}) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={scrimClass} />
        <AlertDialog.Popup className={popupClass}>
          <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-ink-2" render={<div />}>
            {children}
          </AlertDialog.Description>
          <Answers
            confirm={confirm}
            cancel={cancel}
            typed={typed}
            onConfirm={() => {
              onClose();
              onConfirm();
            }}
          />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** The two answers; with a word to be typed, it is empty each time the question opens. */
function Answers({
  confirm,
  cancel,
  typed,
  onConfirm,
}: {
  confirm: string;
  cancel: string;
  typed: string | undefined;
  onConfirm: () => void;
}) {
  const [text, setText] = useState("");
  const isOff = typed !== undefined && text.trim() !== typed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // The form that this question stands in, for React, isn't what is sent.
        event.stopPropagation();
        if (!isOff) onConfirm();
      }}
    >
      {typed !== undefined && (
        <Field
          frameClass="mt-3"
          label={`Type “${typed}” to confirm`}
          value={text}
          onChange={(event) => setText(event.target.value)}
          fact
        />
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <AlertDialog.Close className={buttonClass()}>{cancel}</AlertDialog.Close>
        <Button type="submit" look="danger" off={isOff} title={isOff ? `Type “${typed}” first` : undefined}>
          {confirm}
        </Button>
      </div>
    </form>
  );
}
