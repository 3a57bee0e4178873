import { cva, type VariantProps } from "class-variance-authority";
import { cn } from "./cn.ts";

const button = cva(
  [
    "inline-flex h-7 items-center justify-center gap-1.5 rounded-sm border border-line-strong bg-raised px-2.5 font-medium whitespace-nowrap text-ink",
    "hover:bg-hover hover:transition-[background-color,border-color] hover:duration-(--duration-quick) focus-visible:rounded-sm active:bg-neutral-soft",
    "aria-disabled:border-dashed aria-disabled:border-line-strong aria-disabled:bg-sunken aria-disabled:text-ink-3",
    "touch:min-h-11",
  ],
  {
    variants: {
      look: {
        plain: "",
        primary:
          "border-accent-fill bg-accent-fill text-on-accent hover:bg-accent-fill-hover active:bg-accent-fill-hover",
        quiet: "border-transparent bg-transparent text-ink-2 hover:bg-hover hover:text-ink",
        danger: "border-danger-line text-danger hover:bg-danger-soft",
      },
      size: { sm: "h-6 px-2 text-small", md: "", lg: "h-[34px] px-3.5" },
      icon: { true: "w-7 px-0 touch:min-w-11", false: "" },
    },
    compoundVariants: [{ icon: true, size: "sm", className: "w-6" }],
    defaultVariants: { look: "plain", size: "md", icon: false },
  },
);

export type Looks = VariantProps<typeof button>;
/** Marks a button whose words, and keys in it, have its own color. */
export const isTinted = (look: Looks["look"]) => (look === "primary" || look === "danger" ? "" : undefined);

/** The classes of a button, for a link that is not of this site or a file to download. */
export const buttonClass = (looks: Looks = {}, className?: string) => cn(button(looks), className);
