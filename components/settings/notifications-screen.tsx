"use client";

import { useAction } from "#client/action.ts";
import { askForNotices, useNoticePermission } from "#client/browser-notices.ts";
import { type NotificationSettings, useNotificationSettings } from "#client/live-notifications.ts";
import { saveNotificationSettings } from "#client/notifications.ts";
import {
  NOTIFICATION_CHANNELS,
  NOTIFICATION_KINDS,
  type NotificationChannel,
  type NotificationKind,
} from "#domain/notifications.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Check } from "../ui/field.tsx";
import { Live } from "../ui/live.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { DeviceCard } from "./device-card.tsx";
import { Destinations } from "./destinations.tsx";
import { NEWS_KINDS } from "./news-kinds.ts";
import { PageHead } from "./page-head.tsx";

/**
 * What a person is told, and how: their own choice. Admins set where the organization is told, too.
 * @param given `available`: the ways that the operator has set; `pushKey`: what devices subscribe with, where they can
 */
export function NotificationsScreen({
  available,
  isAdmin,
  pushKey = null,
}: {
  available: readonly NotificationChannel[];
  isAdmin: boolean;
  pushKey?: string | null;
}) {
  return (
    <>
      <PageHead title="Notifications">
        What you are told in this organization, and how. It’s your own choice; nobody else sees it.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <BrowserCard />
        {pushKey !== null && (
          <Live refused="Couldn't load this device" meanwhile="what you chose holds all the same">
            <DeviceCard pushKey={pushKey} />
          </Live>
        )}
        <Live refused="Couldn't load your choices" meanwhile="they hold all the same">
          <Choices available={available} />
        </Live>
        {isAdmin && <Destinations />}
      </div>
    </>
  );
}

/** Whether this browser shows notifications, and the way to have it do so. */
function BrowserCard() {
  const permission = useNoticePermission();
  const ask = useAction(askForNotices, "Couldn't ask the browser");
  return (
    <Card aria-labelledby="browser-notices">
      <CardHead id="browser-notices" title="This browser" />
      <div className="grid justify-items-start gap-2 p-3.5">
        {permission === "granted" ? (
          <p>It shows notifications while a page of Studio is open, each in one tab alone.</p>
        ) : permission === "denied" ? (
          <p>It blocks notifications of this site. You can allow them in the browser’s settings.</p>
        ) : permission === "unsupported" ? (
          <p>It can’t show notifications here: that takes HTTPS, and a browser that has them.</p>
        ) : (
          <>
            <p>It doesn’t show notifications yet.</p>
            <Button action={{ run: () => ask.run(), pending: ask.pending }} busy="Asking">
              Allow notifications
            </Button>
          </>
        )}
        <ActionProblem failure={ask.failure} />
      </div>
    </Card>
  );
}

const CHANNELS: Record<NotificationChannel, string> = {
  page: "In Studio",
  browser: "In the browser",
  email: "By e-mail",
  push: "On your devices",
};

function Choices({ available }: { available: readonly NotificationChannel[] }) {
  const settings = useNotificationSettings();
  if (!settings) return <p className="bones text-ink-3">Loading your choices</p>;
  return <ChoicesCard settings={settings} available={available} />;
}

function ChoicesCard({
  settings,
  available,
}: {
  settings: NotificationSettings;
  available: readonly NotificationChannel[];
}) {
  const save = useAction(
    async ({ channels, allSessions }: NotificationSettings) =>
      await saveNotificationSettings({ channels, all_sessions: allSessions }),
    "Couldn't save the choice",
  );
  // What was pressed is shown at once, and what is stored once it is there.
  const { channels, allSessions } = save.pending ? (save.args?.[0] ?? settings) : settings;
  const toggle = (kind: NotificationKind, channel: NotificationChannel) => {
    const before = channels[kind];
    const after = before.includes(channel)
      ? before.filter((one) => one !== channel)
      : NOTIFICATION_CHANNELS.filter((one) => one === channel || before.includes(one));
    save.run({ allSessions, channels: { ...channels, [kind]: after } });
  };
  return (
    <Card aria-labelledby="notification-choices">
      <CardHead id="notification-choices" title="What you are told" />
      <div className="grid gap-3 p-3.5">
        {NOTIFICATION_KINDS.map((kind) => (
          <fieldset
            key={kind}
            disabled={save.pending}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line pb-3"
          >
            <legend className="sr-only">{NEWS_KINDS[kind].name}</legend>
            <div className="min-w-[220px] flex-1 max-md:basis-full">
              <span className="font-medium">{NEWS_KINDS[kind].name}</span>
              <span className="block text-small text-ink-3">{NEWS_KINDS[kind].text}</span>
            </div>
            {available.map((channel) => (
              <label
                key={channel}
                htmlFor={`${kind}-${channel}`}
                className="flex items-center gap-2 touch:min-h-11"
              >
                <Check
                  id={`${kind}-${channel}`}
                  type="checkbox"
                  checked={channels[kind].includes(channel)}
                  onChange={() => toggle(kind, channel)}
                />
                {CHANNELS[channel]}
              </label>
            ))}
          </fieldset>
        ))}
        <label htmlFor="all-sessions" className="flex items-start gap-2 touch:min-h-11">
          <Check
            id="all-sessions"
            type="checkbox"
            className="mt-0.5"
            disabled={save.pending}
            checked={allSessions}
            onChange={() => save.run({ channels, allSessions: !allSessions })}
          />
          <span>
            <span className="font-medium">Requests and questions of all sessions</span>
            <span className="block text-small text-ink-3">
              Also of those that others started, where you may answer. If nobody in a session may, you are
              told in any case.
            </span>
          </span>
        </label>
        <ActionProblem failure={save.failure} />
        {NOTIFICATION_KINDS.every((kind) => !channels[kind].some((one) => available.includes(one))) && (
          <Notice tone="info" title="You are told nothing">
            <p>What waits for you stays under Approvals.</p>
          </Notice>
        )}
      </div>
    </Card>
  );
}
