// JavaScript, unlike what it loads: of TypeScript, an entry is translated at every start, since nothing could
// have enabled the cache before it, and to load the translator alone takes as long as half of all else.
import { enableCompileCache } from "node:module";

// Before anything else is loaded: what is compiled once need not be compiled at the next start.
enableCompileCache();
await import("./cli.ts");
