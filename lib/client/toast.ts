"use client";

import { Toast } from "@base-ui/react/toast";

export const toasts = Toast.createToastManager();

/** Says in a corner what was just done, with a way back where there is one. Problems belong beside what failed. */
export function showToast(title: string, undo?: { name: string; run: () => void }): void {
  toasts.add({ title, ...(undo && { actionProps: { children: undo.name, onClick: undo.run } }) });
}
