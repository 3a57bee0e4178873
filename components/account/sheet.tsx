import { User, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { Glyph } from "../ui/glyph.tsx";

/** A page of one form: the form on paper, and beside it a drawing of what Studio does. */
export function Sheet({ children }: { children: ReactNode }) {
  return (
    <main id="main" className="grid min-h-dvh grid-cols-2 max-lg:grid-cols-1">
      <div className="flex flex-col bg-paper px-10 py-8 max-sm:px-5 max-sm:py-5">
        <p className="flex items-center gap-2 font-semibold">
          <span className="mark" aria-hidden="true">
            S
          </span>
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
        <ol className="rail">
          <Entry at="0:00" tick={<User className="i i-sm" />}>
            <div className="said said-human">Add a greeting, and show that it runs.</div>
          </Entry>
          <Entry at="0:04" tick={<Glyph name="said" className="text-accent" />}>
            One file and one command. You decide on both.
          </Entry>
          <Entry at="0:09" tick={<Wrench className="i i-xs text-info" />}>
            <span className="mono text-small">write hello.ts</span>{" "}
            <span className="fact text-small add">+4</span>
          </Entry>
          <Entry at="0:12" tick={<Glyph name="waiting" className="text-warning" />}>
            <div className="approval">
              <div className="approval-head">
                <Glyph name="waiting" className="text-warning" />
                <strong className="text-base font-semibold">Run this command?</strong>
              </div>
              <div className="approval-body">
                <div className="approval-cmd">node hello.ts</div>
              </div>
              <div className="approval-foot">
                <span className="btn btn-primary">Allow once</span>
                <span className="btn btn-danger">Deny</span>
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
    <li>
      <span className="at">{at}</span>
      <span className="tick">{tick}</span>
      <div className="body said">{children}</div>
    </li>
  );
}
