"use client";

import { createContext, type ReactNode, use } from "react";
import { type Format, formatFor } from "./format.ts";
import { DEFAULT_LOCALE } from "./locale-of.ts";

const Locale = createContext(DEFAULT_LOCALE);

/** Sets how everything inside writes numbers, money and dates. @param locale as the server chose it: `de-DE` */
export function LocaleProvider({ locale, children }: { locale: string; children: ReactNode }) {
  return <Locale value={locale}>{children}</Locale>;
}

/** Numbers, money, dates and durations as the reader writes them. */
export function useFormat(): Format {
  return formatFor(use(Locale));
}
