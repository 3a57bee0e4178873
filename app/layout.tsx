import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { ThemeSync } from "#components/shell/theme-sync.tsx";
import { localeOf } from "#client/locale-of.ts";
import { LocaleProvider } from "#client/locale.tsx";
import { Queries } from "#client/queries.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Studio", template: "%s · Studio" },
  description: "Work with an agent. Decide what it may do.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#efede6" },
    { media: "(prefers-color-scheme: dark)", color: "#11100e" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Scripts run by the nonce of their answer, so that no page can be made beforehand.
  const sent = await headers();
  const nonce = sent.get("x-nonce") ?? undefined;
  return (
    // The theme's script changes the attribute before React sees it.
    <html lang="en" data-theme="light" suppressHydrationWarning>
      <head>
        <script src="/theme.js" nonce={nonce} suppressHydrationWarning />
      </head>
      <body>
        <a
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:border focus:border-line-strong focus:bg-raised focus:px-2.5 focus:py-1.5"
          href="#main"
        >
          Skip to content
        </a>
        <ThemeSync />
        <LocaleProvider locale={localeOf(sent.get("accept-language"))}>
          <Queries>{children}</Queries>
        </LocaleProvider>
      </body>
    </html>
  );
}
