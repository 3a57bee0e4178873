import { createTransport, type Transporter } from "nodemailer";
import { env } from "../env.ts";
import { log } from "../log.ts";
import { singleton } from "../singleton.ts";

/** How long the mail server may take to be there, to greet, and to say the next thing. */
const STEP_MS = 10_000;
/** The longest that one e-mail may take: less than the time after which another server sends it again. */
const SEND_MS = 45_000;
/** One address, and nothing that a header or a list could be made of. */
const ADDRESS = /^[^\s"<>(),:;@\\[\]\p{Cc}]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,188}[a-z0-9])?$/iu;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Without its brackets; the same with each attempt. */
  messageId: string;
}

/** What came of sending an e-mail. `isFinal`: another attempt would fare no better. */
export type MailResult =
  | { sent: true }
  | { sent: false; status: number | null; error: string; isFinal: boolean };

function transport(): Transporter | null {
  const { SMTP_URL } = env();
  if (SMTP_URL === undefined) return null;
  return singleton("mail-transport", () => {
    const { username, hostname } = new URL(SMTP_URL);
    return createTransport({
      url: SMTP_URL,
      connectionTimeout: STEP_MS,
      greetingTimeout: STEP_MS,
      socketTimeout: STEP_MS,
      // A password goes over no network in clear.
      requireTLS: username !== "" && !LOOPBACK.test(hostname),
    });
  });
}

/** Signs in to the mail server, and sends nothing. @throws what it says, or what became of the connection */
export async function verifyMail(): Promise<void> {
  await transport()?.verify();
}

interface SmtpError {
  code?: string;
  responseCode?: number;
  command?: string;
}

/** Of what the server said about this e-mail: a refusal for good. Of how Studio signs in it says nothing. */
const isFinal = ({ code, responseCode = 0 }: SmtpError): boolean =>
  responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");

/** Sends one e-mail to one address. Never throws. */
export async function sendMail({ to, subject, text, html, messageId }: Mail): Promise<MailResult> {
  const mailer = transport();
  const from = env().SMTP_FROM;
  if (!mailer || !from)
    return { sent: false, status: null, error: "This Studio sends no e-mail.", isFinal: true };
  if (!ADDRESS.test(to))
    return { sent: false, status: null, error: "The address can't be written to.", isFinal: true };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The mail server took too long.")), SEND_MS);
  });
  try {
    const sending = mailer.sendMail({
      from,
      to: { name: "", address: to },
      envelope: { from: from.address, to: [to] },
      subject,
      text,
      html,
      messageId: `<${messageId}>`,
      headers: { "Auto-Submitted": "auto-generated" },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    await Promise.race([sending, late]);
    return { sent: true };
  } catch (error) {
    const { code, responseCode, command } = error as SmtpError;
    // The operator's matter. What the server said may name the person, and is left out.
    log("warn", "an e-mail was not sent", { code, status: responseCode, command });
    const status = responseCode ?? null;
    const words =
      status === null ? "The mail server wasn't reached." : `The mail server refused it (${status}).`;
    return { sent: false, status, error: words, isFinal: isFinal(error as SmtpError) };
  } finally {
    clearTimeout(timer);
  }
}
