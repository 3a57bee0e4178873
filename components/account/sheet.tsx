import { User, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { askBodyClass, askClass, askFootClass, askHeadClass } from "../ui/ask-card.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { cn } from "../ui/cn.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { Mark } from "../ui/mark.tsx";
import {
  railAtClass,
  railBodyClass,
  railClass,
  railTickClass,
  saidClass,
  saidHumanClass,
} from "../ui/rail.ts";
import { exactClass } from "../ui/code.ts";

/** A page of one form: the form on paper, and beside it a drawing of what Studio does. */
export function Sheet({ children }: { children: ReactNode }) {
  return (
    <main id="main" className="grid min-h-dvh grid-cols-2 max-lg:grid-cols-1">
      <div className="flex flex-col bg-paper px-10 py-8 max-sm:px-5 max-sm:py-5">
        <p className="flex items-center gap-2 font-semibold">
          <Mark>S</Mark>
          Studio
        </p>
        <div className="m-auto w-[360px] max-w-full py-8">{children}</div>
      </div>
      <div
        className="grid-paper grid place-items-center overflow-hidden border-l border-line p-12 max-lg:hidden"
        aria-hidden="true"
      >
        <CardPreview />
      </div>
    </main>
  );
}

function CardPreview() {
  return (
    <div className="w-full max-w-[560px] border border-line-strong bg-paper">
      <div className="p-6 pb-5 pl-0">
        <ol className={railClass}>
          <Entry at="0:00" tick={<Icon as={User} size="sm" />}>
            <div className={cn(saidClass, saidHumanClass)}>Add a greeting, and show that it runs.</div>
          </Entry>
          <Entry at="0:04" tick={<Glyph name="said" className="text-accent" />}>
            One file and one command. You decide on both.
          </Entry>
          <Entry at="0:09" tick={<Icon as={Wrench} size="xs" className="text-info" />}>
            <span className="mono text-small">write hello.ts</span>{" "}
            <span className="fact text-small text-success">+4</span>
          </Entry>
          <Entry at="0:12" tick={<Glyph name="waiting" className="text-warning" />}>
            <div className={askClass}>
              <div className={askHeadClass}>
                <Glyph name="waiting" className="text-warning" />
                <strong className="text-base font-semibold">Run this command?</strong>
              </div>
              <div className={askBodyClass}>
                <div className={exactClass}>node hello.ts</div>
              </div>
              <div className={askFootClass}>
                <span className={buttonClass({ look: "primary" })}>Allow once</span>
                <span className={buttonClass({ look: "danger" })}>Deny</span>
              </div>
            </div>
          </Entry>
        </ol>
      </div>
    </div>
  );
}

function Entry({ at, tick, children }: { at: string; tick: ReactNode; children: ReactNode }) {
  return (
    <li className="contents">
      <span className={railAtClass}>{at}</span>
      <span className={railTickClass}>{tick}</span>
      <div className={cn(railBodyClass, saidClass)}>{children}</div>
    </li>
  );
}

/** The name of such a page, where it stands among others, and what it is about. */
export function SheetHead({ step, title, text }: { step?: string; title: string; text: string }) {
  return (
    <>
      {step !== undefined && <p className="label mb-1">{step}</p>}
      <h1 className="text-display font-semibold tracking-tight">{title}</h1>
      <p className="mt-1 mb-6 text-ink-2">{text}</p>
    </>
  );
}
