import type { MetadataRoute } from "next";

/** What browsers need to install Studio as an app. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: "Studio",
    short_name: "Studio",
    description: "Coding agents in sandboxes, watched and approved by people.",
    start_url: "/",
    scope: "/",
    display: "standalone",
    background_color: "#1c1b17",
    theme_color: "#1c1b17",
    icons: [
      { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
      { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    ],
  };
}
