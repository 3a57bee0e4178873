"use client";

import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { toasts } from "../../lib/client/toast.ts";

function ToastList() {
  const { toasts: all } = Toast.useToastManager();
  return all.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" swipeDirection={["down", "right"]}>
      <div className="min-w-0 flex-1">
        <Toast.Title className="wrap-anywhere" />
        <Toast.Description className="text-small text-ink-2" />
      </div>
      <Toast.Action className="btn btn-sm" />
      <Toast.Close className="btn btn-quiet btn-sm btn-icon" aria-label="Close">
        <X className="i i-sm" aria-hidden="true" />
      </Toast.Close>
    </Toast.Root>
  ));
}

/** Where short words on what was just done appear, and go by themselves. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={toasts} timeout={6000} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
