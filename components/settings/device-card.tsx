"use client";

import { useEffect, useState } from "react";
import { useAction } from "#client/action.ts";
import { type DeviceState, deviceState, subscribeDevice, unsubscribeDevice } from "#client/push.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const WORDS: Record<DeviceState, string> = {
  on: "It shows what you choose “On your devices” for, also while no page is open.",
  off: "It can show notifications while no page of Studio is open.",
  blocked: "Its browser blocks notifications of this site. You can allow them in its settings.",
  unsupported: "It can’t show them: that takes HTTPS, and on an iPhone or iPad Studio on the home screen.",
};

/** Whether this device takes pushes, and the way to have it do so. @param given `pushKey`: what it subscribes with */
export function DeviceCard({ pushKey }: { pushKey: string }) {
  const [state, setState] = useState<DeviceState>();
  useEffect(() => {
    deviceState().then(setState, () => setState("unsupported"));
  }, []);
  const turnOn = useAction(
    async () => setState(await subscribeDevice(pushKey)),
    "Couldn't subscribe this device",
  );
  const turnOff = useAction(
    async () => setState(await unsubscribeDevice()),
    "Couldn't end this device's subscription",
  );
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
