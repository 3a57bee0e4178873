import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Page not found" };

export default function NotFound() {
  return (
    <main id="main" className="empty min-h-dvh content-center bg-paper">
      <p className="fact">404</p>
      <h1 className="text-head">There's nothing here</h1>
      <p>The URL is wrong, or the page belongs to another organization.</p>
      <Link className="btn mt-2" href="/studio">
        Go to Studio
      </Link>
    </main>
  );
}
