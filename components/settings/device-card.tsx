"use client";

import { useEffect, useState } from "react";
import { useAction } from "#client/action.ts";
import { useDevices } from "#client/live-notifications.ts";
import { type Device, subscribeDevice, thisDevice, unsubscribeDevice } from "#client/push.ts";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const WORDS = {
  on: "This device shows what you choose “On your devices” for, also while no page is open.",
  off: "This device can show notifications of this organization while no page of Studio is open.",
  blocked: "This browser blocks notifications of this site. You can allow them in its settings.",
  unsupported:
    "This device can’t show them: that takes HTTPS, and on an iPhone or iPad Studio on the home screen.",
};

/**
 * Whether this device takes pushes, and the way to have it do so; and all that do, so that nobody's news go where they
 * don't know. @param given `pushKey`: what it subscribes with
 */
export function DeviceCard({ pushKey }: { pushKey: string }) {
  const [device, setDevice] = useState<Device>();
  useEffect(() => {
    thisDevice(pushKey).then(setDevice, () => setDevice({ can: "unsupported" }));
  }, [pushKey]);
  const endpoint = device?.can === "push" ? device.endpoint : null;
  // The browser knows that it's subscribed; for whom, and where, Studio does.
  const devices = useDevices();
  const isOn = devices?.some((one) => one.endpoint === endpoint);
  const turnOn = useAction(
    async () => setDevice(await subscribeDevice(pushKey)),
    "Couldn't subscribe this device",
  );
  const turnOff = useAction(
    async (of: string) => await unsubscribeDevice(of),
    "Couldn't end the device's subscription",
  );
  const state = stateOf(device, isOn);
  return (
    <Card aria-labelledby="devices">
      <CardHead id="devices" title="Your devices" />
      <div className="grid justify-items-start gap-2 p-3.5">
        {state && <p>{WORDS[state]}</p>}
        {state === "off" && (
          <Button action={turnOn} busy="Subscribing">
            Notify this device
          </Button>
        )}
        {state === "on" && (
          <Button action={{ pending: turnOff.pending, run: () => turnOff.run(endpoint ?? "") }} busy="Ending">
            Stop notifying this device
          </Button>
        )}
        {devices && devices.length > 0 && (
          <ul className="w-full" aria-label="Devices that show notifications">
            {devices.map((one) => (
              <li
                key={one.endpoint}
                className="flex min-h-9 flex-wrap items-center gap-x-2 border-t border-line py-1"
              >
                <span className="fact wrap-anywhere">{one.host}</span>
                <span className="text-small text-ink-3">
                  added <Ago at={one.addedAt} />
                </span>
                {one.endpoint === endpoint ? (
                  <Chip tone="info">this device</Chip>
                ) : (
                  <Button
                    look="quiet"
                    size="sm"
                    className="ml-auto"
                    action={{ pending: turnOff.pending, run: () => turnOff.run(one.endpoint) }}
                  >
                    Remove
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        <ActionProblem failure={turnOn.failure ?? turnOff.failure} />
      </div>
    </Card>
  );
}

/** Undefined until both have said. */
function stateOf(device: Device | undefined, isOn: boolean | undefined): keyof typeof WORDS | undefined {
  if (device?.can !== "push") return device?.can;
  if (device.endpoint === null) return "off";
  return isOn === undefined ? undefined : isOn ? "on" : "off";
}
