import type { Metadata } from "next";
import { ButtonLink } from "#components/ui/button.tsx";

export const metadata: Metadata = { title: "Page not found" };

export default function NotFound() {
  return (
    <main
      id="main"
      className="grid min-h-dvh content-center justify-items-center gap-1.5 bg-paper px-6 py-12 text-center"
    >
      <p className="fact text-ink-2">404</p>
      <h1 className="text-head">There's nothing here</h1>
      <p className="max-w-[44ch] text-ink-2">
        The URL is wrong, or the page belongs to another organization.
      </p>
      <ButtonLink className="mt-2" href="/studio">
        Go to Studio
      </ButtonLink>
    </main>
  );
}
