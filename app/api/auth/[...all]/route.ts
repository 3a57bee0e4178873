import { embeddedHandler } from "../../../../lib/server/auth/embedded.ts";

export { embeddedHandler as GET, embeddedHandler as POST };
