import type { NextConfig } from "next";

/** Sent with every answer. */
const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
];

/** What is no page shows nothing: pages have a policy with a nonce for each answer, from `proxy.ts`. */
const NO_PAGE = [{ key: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'" }];

/** The worker that shows pushes asks Studio whether they are over, and nobody else of anything. */
const WORKER = [
  { key: "Content-Security-Policy", value: "default-src 'none'; connect-src 'self'" },
  { key: "Cache-Control", value: "no-cache" },
];

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run verify` checks all types, and tests with them; a build would check the same once more, for half a minute.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // A page that a person may not see answers 403, by `forbidden()`.
    authInterrupts: true,
    // To load all pages and routes takes a third of a server's start; the first request of each loads it as fast.
    preloadEntriesOnStart: false,
    // A machine that builds once keeps nothing for the next build: to write it takes a tenth of the time.
    turbopackFileSystemCacheForBuild: process.env.CI === undefined,
  },
  // They read files of their own or load native code, so they stay outside the server's bundle.
  serverExternalPackages: [
    "@opentelemetry/api",
    "@opentelemetry/sdk-node",
    "better-auth",
    "e2b",
    "esbuild",
    "ws",
  ],
  // The address under which the guide of the runs' API has some of its routes.
  rewrites: async () => [{ source: "/studio/api/v1/:path*", destination: "/api/v1/:path*" }],
  headers: async () => [
    { source: "/:path*", headers: SECURITY_HEADERS },
    ...[
      "/api/:path*",
      "/studio/api/:path*",
      "/_next/:path*",
      "/fonts/:path*",
      "/theme.js",
      "/favicon.ico",
      "/icon.svg",
      "/icon-192.png",
      "/icon-512.png",
      "/manifest.webmanifest",
    ].map((source) => ({
      source,
      headers: NO_PAGE,
    })),
    { source: "/sw.js", headers: WORKER },
  ],
};

export default config;
