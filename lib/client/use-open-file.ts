"use client";

import { useState } from "react";

const keyOf = (sessionId: string) => `studio-open-file:${sessionId}`;

function read(sessionId: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(sessionId));
  } catch {
    return null;
  }
}

/** Which file of a session is open; this tab remembers it. For parts that the server does not draw. */
export function useOpenFile(sessionId: string): [path: string | null, open: (path: string) => void] {
  const [path, setPath] = useState(() => read(sessionId));
  const open = (next: string) => {
    setPath(next);
    try {
      sessionStorage.setItem(keyOf(sessionId), next);
    } catch (error) {
      console.warn("The open file cannot be remembered", error);
    }
  };
  return [path, open];
}
