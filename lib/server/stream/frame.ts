import type { EventEnvelope } from "#domain/events.ts";

/** One server-sent event. @param position where a listener goes on behind it */
export function framed(position: number | string, name: string, data: unknown): string {
  return `id: ${position}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

const frames = new WeakMap<EventEnvelope, string>();

/** An event as every listener of its session is sent it: serialized once, however many they are. */
export function sessionFrame(event: EventEnvelope): string {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const frame = framed(event.seq, event.type, event);
  frames.set(event, frame);
  return frame;
}
