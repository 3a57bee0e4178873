"use client";

import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { toasts } from "#client/toast.ts";
import { buttonClass } from "../ui/button-class.ts";
import { Icon } from "../ui/icon.tsx";

function ToastList() {
  const { toasts: all } = Toast.useToastManager();
  return all.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      data-toast
      className="absolute inset-x-0 bottom-0 flex min-h-11 translate-y-[calc(var(--toast-index)*-110%)] items-center gap-2 rounded-md border border-line-strong bg-raised py-2 pr-2 pl-3 shadow-(--lift) transition-[opacity,translate] duration-(--duration-move) ease-out data-ending-style:opacity-0 data-starting-style:opacity-0"
      swipeDirection={["down", "right"]}
    >
      <div className="min-w-0 flex-1">
        <Toast.Title className="wrap-anywhere" />
        <Toast.Description className="text-small text-ink-2" />
      </div>
      <Toast.Action className={buttonClass({ size: "sm" })} />
      <Toast.Close className={buttonClass({ look: "quiet", size: "sm", icon: true })} aria-label="Close">
        <Icon as={X} size="sm" />
      </Toast.Close>
    </Toast.Root>
  ));
}

/** Where short words on what was just done appear, and go by themselves. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={toasts} timeout={6000} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-70 w-[340px] max-w-[calc(100vw-32px)] max-sm:bottom-16 max-sm:left-4 max-sm:w-auto">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
