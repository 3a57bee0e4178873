"use client";

import { ExternalLink } from "lucide-react";
import { memo, type ReactNode } from "react";
import { type Components, Streamdown } from "streamdown";
import { Tag } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { codeClass } from "../ui/code.ts";
import { Icon } from "../ui/icon.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

const LINKS = /^(https?|mailto):/i;

function Anchor({ href, children }: { href?: string | undefined; children?: ReactNode }) {
  if (!href || !LINKS.test(href) || !URL.canParse(href)) return <span>{children}</span>;
  return (
    <a className="link" href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
      <Icon as={ExternalLink} size="xs" className="ml-0.5 inline" />
      <span className="sr-only">, opens in a new tab</span>
    </a>
  );
}

/** A picture would be fetched from wherever the text says; its words stand in for it. */
function Picture({ alt }: { alt?: string | undefined }) {
  return <Tag>{alt ? `image: ${alt}` : "image"}</Tag>;
}

function Pre({ children }: { children?: ReactNode }) {
  return (
    <ScrollRegion className={cn(codeClass, "md-code")} label="Code">
      <pre>{children}</pre>
    </ScrollRegion>
  );
}

function Table({ children }: { children?: ReactNode }) {
  return (
    <ScrollRegion className="md-table" label="Table">
      <table>{children}</table>
    </ScrollRegion>
  );
}

function TaskMark({ checked }: { checked?: boolean | undefined }) {
  return <span aria-label={checked ? "done" : "to do"}>{checked ? "☑" : "☐"} </span>;
}

const plain = <T extends keyof React.JSX.IntrinsicElements>(Tag: T) => Tag;

const COMPONENTS: Components = {
  a: ({ href, children }) => <Anchor href={href}>{children}</Anchor>,
  img: ({ alt }) => <Picture alt={alt} />,
  pre: ({ children }) => <Pre>{children}</Pre>,
  table: ({ children }) => <Table>{children}</Table>,
  input: ({ checked }) => <TaskMark checked={checked} />,
  // An answer's headings stand one below the transcript's own, whatever level the text begins with.
  h1: ({ children }) => <h3 className="md-h1">{children}</h3>,
  h2: ({ children }) => <h3 className="md-h2">{children}</h3>,
  h3: plain("h3"),
  h4: plain("h3"),
  h5: plain("h3"),
  h6: plain("h3"),
  p: plain("p"),
  ul: plain("ul"),
  ol: plain("ol"),
  li: plain("li"),
  blockquote: ({ children }) => <blockquote>{children}</blockquote>,
  hr: plain("hr"),
  code: ({ children }) => <code>{children}</code>,
  inlineCode: ({ children }) => <code>{children}</code>,
  strong: plain("strong"),
  thead: plain("thead"),
  tbody: plain("tbody"),
  tr: plain("tr"),
  th: plain("th"),
  td: plain("td"),
  sup: plain("sup"),
  sub: plain("sub"),
  section: plain("div"),
};

/** HTML in the text stays text: the plugins that would read it are left out. */
const NO_HTML: [] = [];

/** What ends with a whole word, while more may come. */
function completeWords(text: string): string {
  const end = /\s\S*$/.exec(text);
  return end && text.length - end.index < 40 ? text.slice(0, end.index + 1) : text;
}

/** The agent's words. Only http, https and mailto links work; pictures and HTML do not. */
export const Markdown = memo(function Markdown({ text, done }: { text: string; done: boolean }) {
  return (
    <Streamdown
      className="md"
      mode={done ? "static" : "streaming"}
      components={COMPONENTS}
      rehypePlugins={NO_HTML}
      controls={false}
    >
      {done ? text : completeWords(text)}
    </Streamdown>
  );
});
