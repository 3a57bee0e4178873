import type { Metadata } from "next";
import Link from "next/link";
import { app as t } from "../lib/client/messages/app.ts";

export const metadata: Metadata = { title: t.notFound };

export default function NotFound() {
  return (
    <main id="main" className="empty min-h-dvh content-center bg-paper">
      <p className="fact">404</p>
      <h1 className="text-head">{t.thereIsNothingHere}</h1>
      <p>{t.theAddressIsWrongOr}</p>
      <Link className="btn mt-2" href="/studio">
        {t.goToStudio}
      </Link>
    </main>
  );
}
