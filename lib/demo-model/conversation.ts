/**
 * What every wire format is brought to before the demo model thinks about it, and what it thinks with:
 * the request of the last real user message, and how far the agent has come with it.
 */

/** A tool that the agent offered, with the names of its arguments as its JSON schema gives them. */
export interface OfferedTool {
  name: string;
  properties: string[];
  required: string[];
}

/** What came back from one tool call. `failed` is set where the format itself marks a failure. */
export interface ToolResult {
  text: string;
  failed: boolean;
}

/** One message of the history. `size` counts its characters, tool calls and results included. */
export interface Message {
  role: "user" | "assistant";
  texts: string[];
  results: ToolResult[];
  size: number;
}

export interface Conversation {
  isTitleRequest: boolean;
  /** Whether a commit's message is wanted for the changes that the user sends. */
  isCommitRequest: boolean;
  /** The text parts of every real user message, oldest first; the last one is the request. */
  userMessages: string[][];
  /** The tool results that came in since the last real user message. */
  results: ToolResult[];
  tools: OfferedTool[];
  /** Characters of the whole prompt, and of the part of it that an earlier call has sent already. */
  promptSize: number;
  cachedSize: number;
}

const TITLE_SYSTEM = /title generator|generate a (brief |short )?title/i;
const COMMIT_SYSTEM = /^\s*write the message of a git commit\b/i;
const TITLE_PROMPT = /^\s*generate a (brief |short )?title/i;
const REMINDER = /<system-reminder>([\s\S]*?)<\/system-reminder>/g;
/** Instructions that a client adds for the model. */
const SKILL = /<skill_content name="[^"]{1,100}">[\s\S]*?<\/skill_content>/g;
const RELAYED = /The user sent the following message:\s*([\s\S]*?)\s*Please address this message/;
const ATTACHED = /^Attached (media|image\(s\)) from tool result:/;

/** A person, or a program in their place, wants the last request gone on with. */
const GO_ON = /^\s*(please\s+)?(go on|continue)\b/i;

/**
 * The text that a person wrote, without what agents wrap around it: OpenCode and others add
 * `<system-reminder>` blocks to user messages, and wrap a message sent during a run into one.
 */
function spoken(text: string): string {
  const bare = text
    .replace(REMINDER, (_, inner: string) => RELAYED.exec(inner)?.[1] ?? "")
    .replace(SKILL, "")
    .trim();
  return ATTACHED.test(bare) ? "" : bare;
}

/** What agents put in place of a result that never came. */
const INTERRUPTED = /\b(interrupted|aborted)\b/i;

/**
 * The results of the calls for one request. Where a call was cut off and somebody said to go on, it is made again, so
 * that what stands in place of its result does not count.
 */
function resultsOf(messages: readonly Message[], goesOn: (message: Message) => boolean): ToolResult[] {
  const results: ToolResult[] = [];
  for (const message of messages) {
    if (goesOn(message) && INTERRUPTED.test(results.at(-1)?.text ?? "")) results.pop();
    results.push(...message.results);
  }
  return results;
}

/**
 * Builds the conversation from a history that a format's parser has read.
 * `toolsSize` is the number of characters of the offered tools' definitions.
 */
export function conversationOf(input: {
  system: string;
  messages: Message[];
  tools: OfferedTool[];
  toolsSize: number;
}): Conversation {
  const spokenBy = input.messages.map((message) =>
    message.role === "user" ? message.texts.map(spoken).filter((text) => text !== "") : [],
  );
  const isRequest = (texts: string[]) => texts.some((text) => !GO_ON.test(text));
  const anyRequest = spokenBy.some(isRequest);
  // Who is told to go on does so with the request before, after what has come of that already.
  const counts = (texts: string[]) => (anyRequest ? isRequest(texts) : texts.length > 0);
  const lastUser = spokenBy.findLastIndex(counts);
  const lastAssistant = input.messages.findLastIndex((message) => message.role === "assistant");
  const head = input.system.length + input.toolsSize;
  const sizeUntil = (end: number) =>
    input.messages.slice(0, end).reduce((sum, message) => sum + message.size, head);
  const userMessages = spokenBy.filter(counts);
  const asksForTitle =
    TITLE_SYSTEM.test(input.system) || userMessages.some((texts) => texts.some((t) => TITLE_PROMPT.test(t)));
  return {
    isTitleRequest: input.tools.length === 0 && asksForTitle,
    isCommitRequest: input.tools.length === 0 && COMMIT_SYSTEM.test(input.system),
    userMessages: userMessages
      .map((texts) => texts.filter((text) => !TITLE_PROMPT.test(text) || input.tools.length > 0))
      .filter((texts) => texts.length > 0),
    results: resultsOf(
      input.messages.slice(lastUser + 1),
      ({ role, texts }) => role === "user" && texts.some((text) => GO_ON.test(spoken(text))),
    ),
    tools: input.tools,
    promptSize: sizeUntil(input.messages.length),
    cachedSize: lastAssistant === -1 ? 0 : sizeUntil(lastAssistant),
  };
}
