// Shows what Studio pushes to this device, also while no page is open, and opens what it tells of. It caches nothing.

/** Whether somebody has answered or read it since it was sent; what cannot be asked is shown. */
async function isOver(id) {
  try {
    const response = await fetch("/api/v1/notifications?limit=100", { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) return false;
    const { notifications } = await response.json();
    const found = notifications.find((notification) => notification.id === id);
    if (!found) return false;
    const waits = found.kind === "approval" || found.kind === "question";
    return found.over_at !== null || (!waits && found.read_at !== null);
  } catch {
    return false;
  }
}

async function show({ id, title, body, path }) {
  const over = id !== null && (await isOver(id));
  // The page shows the same one under the same name: one takes the place of the other.
  const tag = id ?? "studio";
  await self.registration.showNotification(title, {
    body,
    tag,
    icon: "/icon-192.png",
    silent: over,
    data: { path },
  });
  if (!over) return;
  // Safari ends the subscription where a push shows nothing: what is over is shown, and taken away.
  for (const notification of await self.registration.getNotifications({ tag })) notification.close();
}

async function open(path) {
  const { href, origin } = new URL(path, self.location.origin);
  if (origin !== self.location.origin) return;
  // A page that is open may have unsaved work: another one is opened.
  await self.clients.openWindow(href);
}

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json()));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? "/"));
});
