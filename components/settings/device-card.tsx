"use client";

import { useEffect, useState } from "react";
import { useAction } from "#client/action.ts";
import { useIsSubscribed } from "#client/live-notifications.ts";
import { type Device, subscribeDevice, thisDevice, unsubscribeDevice } from "#client/push.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const WORDS = {
  on: "It shows what you choose “On your devices” for, also while no page is open.",
  off: "It can show notifications of this organization while no page of Studio is open.",
  blocked: "Its browser blocks notifications of this site. You can allow them in its settings.",
  unsupported: "It can’t show them: that takes HTTPS, and on an iPhone or iPad Studio on the home screen.",
};

/** Whether this device takes pushes, and the way to have it do so. @param given `pushKey`: what it subscribes with */
export function DeviceCard({ pushKey }: { pushKey: string }) {
  const [device, setDevice] = useState<Device>();
  useEffect(() => {
    thisDevice(pushKey).then(setDevice, () => setDevice({ can: "unsupported" }));
  }, [pushKey]);
  const endpoint = device?.can === "push" ? device.endpoint : null;
  // The browser knows that it's subscribed; for whom, and where, Studio does.
  const isOn = useIsSubscribed(endpoint);
  const turnOn = useAction(
    async () => setDevice(await subscribeDevice(pushKey)),
    "Couldn't subscribe this device",
  );
  const turnOff = useAction(
    async () => await unsubscribeDevice(endpoint ?? ""),
    "Couldn't end this device's subscription",
  );
  const state = stateOf(device, isOn);
  return (
    <Card aria-labelledby="this-device">
      <CardHead id="this-device" title="This device" />
      <div className="grid justify-items-start gap-2 p-3.5">
        {state && <p>{WORDS[state]}</p>}
        {state === "off" && (
          <Button action={turnOn} busy="Subscribing">
            Notify this device
          </Button>
        )}
        {state === "on" && (
          <Button action={turnOff} busy="Ending">
            Stop notifying this device
          </Button>
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
