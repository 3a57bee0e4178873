import { expect, expectAccessible, openSession, test } from "./fixtures.ts";

/** An app in the sandbox: it says what it was sent, streams, and answers over a WebSocket. */
const APP = `
const http = require("http"), crypto = require("crypto");
const server = http.createServer((req, res) => {
  if (req.url === "/stream") {
    res.writeHead(200, { "content-type": "text/event-stream" });
    let n = 0;
    const timer = setInterval(() => res.write("data: tick " + ++n + "\\n\\n"), 100);
    return res.on("close", () => clearInterval(timer));
  }
  if (req.url === "/headers") return res.end(JSON.stringify(req.headers));
  res.setHeader("set-cookie", "app=1; Path=/");
  res.setHeader("x-frame-options", "DENY");
  res.setHeader("content-type", "text/html");
  res.end(\`<h1>The app at \${req.url}</h1><p id=headers></p><p id=stream></p><p id=socket></p><p id=top></p><script>
    fetch("/headers").then(async (a) => { headers.textContent = await a.text(); });
    new EventSource("/stream").onmessage = (e) => { stream.textContent = e.data; };
    const ws = new WebSocket(location.href.replace("http", "ws"));
    ws.onmessage = (e) => { socket.textContent = e.data; };
    try { parent.document.title; top.textContent = "reached Studio"; } catch { document.getElementById("top").textContent = "kept out"; }
  </script>\`);
});
server.on("upgrade", (req, socket) => {
  const key = crypto.createHash("sha1").update(req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + key + "\\r\\n\\r\\n");
  const text = Buffer.from("socket says hello");
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  socket.on("error", () => {});
});
server.listen(8080);
`;

test("a port of the sandbox is shown in an origin of its own, which gets nothing of Studio's", async ({
  page,
  stack,
  api,
}) => {
  const session = await openSession(page, stack, api);
  await page.keyboard.press("Alt+Digit4");
  const port = page.getByRole("textbox", { name: "Port" });
  await port.fill("8080");
  await page.getByRole("textbox", { name: "Path" }).fill("/chat?x=1");
  await page.getByRole("textbox", { name: "Path" }).press("Enter");
  const frame = page.frameLocator('iframe[title="Preview of port 8080"]');
  // Before the app runs the preview says so, and looks again by itself.
  await expect(frame.getByRole("heading")).toContainText("Nothing listens on port 8080");
  const script = Buffer.from(APP).toString("base64");
  await stack.runInSandbox(
    session.sandboxId ?? "",
    `echo ${script} | base64 -d > /tmp/app.cjs && (setsid node /tmp/app.cjs > /tmp/app.log 2>&1 &)`,
  );
  await expect(frame.getByRole("heading")).toContainText("The app at /chat?x=1");
  await expect(frame.locator("#stream")).toContainText(/tick \d+/);
  await expect(frame.locator("#socket")).toContainText("socket says hello");
  await expect(frame.locator("#top")).toContainText("kept out");
  const headers = JSON.parse(await frame.locator("#headers").innerText()) as Record<string, string>;
  expect(headers.cookie).toBe("app=1");
  expect(JSON.stringify(headers)).not.toMatch(/better-auth|studio_preview|traffic-access/);
  await expectAccessible(page, "a preview");
  await page.screenshot({ path: "test-results/pages/workspace-preview.png" });

  // Who has no pass sees nothing; a ticket is for one place, and not for another session's.
  const opened = await api.call<{ url: string; origin: string }>(
    "POST",
    `/api/studio/sessions/${session.id}/preview`,
    { port: 8080 },
  );
  const other = await page.context().browser()?.newContext();
  const stranger = await other?.newPage();
  const answer = await stranger?.goto(`${opened.body.origin}/`);
  expect(answer?.status()).toBe(401);
  const wrong = opened.body.url.replace("//8080-", "//8081-");
  expect((await stranger?.goto(wrong))?.status()).toBe(403);
  expect((await stranger?.goto(`${opened.body.url}x`))?.status()).toBe(200);
  await other?.close();
  for (const port of [2468, 49_983])
    expect((await api.call("POST", `/api/studio/sessions/${session.id}/preview`, { port })).status).toBe(400);
  await api.stop(session.id);
});
