"use client";

import { useEffect, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { beginMcpSignIn, dropMcpSignIn, finishMcpSignIn, type McpServerRow } from "#client/mcp.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** What a person's browser has brought back from signing in to a server. */
export interface BroughtBack {
  state: string;
  code?: string;
  iss?: string;
}

/** Signs in to a remote server, or out of it. */
export function McpSignIn({ row: { id, name, signIn, status } }: { row: McpServerRow }) {
  const [to, setTo] = useState<URL>();
  const begin = useAction(async () => {
    setTo(new URL((await beginMcpSignIn(id)).authorization_url));
  }, `Couldn't sign in to ${name}`);
  const drop = useAction(async () => await dropMcpSignIn(id), `Couldn't sign out of ${name}`);
  if (signIn === undefined && status !== "error") return null;
  return (
    <>
      {signIn === "active" ? (
        <Button
          size="sm"
          look="quiet"
          aria-label={`Sign out of ${name}`}
          action={{ pending: drop.pending, run: drop.run }}
        >
          Sign out
        </Button>
      ) : (
        <Button
          size="sm"
          aria-label={`Sign in to ${name}`}
          action={{ pending: begin.pending, run: begin.run }}
          busy="Asking"
        >
          {signIn === "lost" ? "Sign in again" : "Sign in"}
        </Button>
      )}
      <ActionProblem failure={begin.failure ?? drop.failure} />
      {to && (
        <Dialog
          title={<DialogTitle className="text-base font-semibold">Sign in to {name}</DialogTitle>}
          onClose={() => setTo(undefined)}
          className="w-[420px]"
        >
          <p className="mt-1 text-ink-2">
            You sign in at <span className="fact wrap-anywhere">{to.host}</span>, which the server has named.
            Continue only if you know it. Sessions use the server in your name from then on.
          </p>
          <div className="mt-4 flex flex-wrap gap-2">
            <DialogClose className={buttonClass()}>Cancel</DialogClose>
            <a className={buttonClass({ look: "primary" })} href={to.href} rel="noreferrer">
              Continue
            </a>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** Ends a sign-in with what the browser has brought back, once. */
export function McpSignedIn({ back }: { back: BroughtBack }) {
  const begun = useRef(false);
  const [name, setName] = useState<string>();
  const finish = useAction(async () => {
    setName((await finishMcpSignIn(back)).name);
  }, "Couldn't sign in to the server");
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    // A code counts once: a reload, or somebody who is sent this page's address, has nothing of it.
    window.history.replaceState(null, "", window.location.pathname);
    finish.run();
  });
  return (
    <>
      {name !== undefined && (
        <Notice tone="done" alert title={`Signed in to ${name}`}>
          Test it now, and look at its tools.
        </Notice>
      )}
      <ActionProblem failure={finish.failure} />
    </>
  );
}
