"use client";

import { useEffect, useState } from "react";

/** A value that changes only once it has stayed the same for a moment: for what is asked of a server while it is typed. */
export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
