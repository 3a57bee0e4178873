import { randomBytes } from "node:crypto";
import { closeAuthDatabase } from "./database.ts";
import { setPassword } from "./embedded.ts";

// `npm run reset-password -- <email>`, with the web server's settings: prints a new password.
const [email] = process.argv.slice(2);
if (!email) {
  console.error("Whose password? npm run reset-password -- <email>");
  process.exit(2);
}
try {
  const password = randomBytes(12).toString("base64url");
  await setPassword(email, password);
  closeAuthDatabase();
  console.log(`The new password of ${email} is ${password}\nThey are signed out everywhere.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
