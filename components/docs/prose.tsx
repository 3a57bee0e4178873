/** A paragraph's text, with what stands between backticks as code. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <code key={`${index} ${part}`} className="mono rounded-xs bg-neutral-soft px-1 text-small break-words">
        {part}
      </code>
    ),
  );
}
