import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";

/** The app that is measured: messages in channels, read by an index. */
export const schema = defineSchema({
  messages: defineTable({ channel: v.number(), seq: v.number(), body: v.string(), author: v.string() }).index(
    "by_channel",
    ["channel", "seq"],
  ),
});
export const TEXT =
  "a message of about a hundred characters, as people write them to each other all day long";

interface Range {
  eq(field: string, value: number): Range;
  gte(field: string, value: number): Range;
}
type Seed = {
  from: number;
  count: number;
  channels: number;
};
/** `nonce` makes each call one of its own, which no cache knows. */
const page = { channel: v.number(), nonce: v.number() };

export const messages = {
  seed: mutationGeneric(async (ctx, { from, count, channels }: Seed) => {
    for (let i = from; i < from + count; i++) {
      const seq = Math.floor(i / channels);
      await ctx.db.insert("messages", { channel: i % channels, seq, body: TEXT, author: `user ${i}` });
    }
  }),
  ids: queryGeneric(async (ctx) => (await ctx.db.query("messages").take(1000)).map(({ _id }) => _id)),
  ten: queryGeneric({
    args: page,
    handler: async (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .withIndex("by_channel", ((q: Range) => q.eq("channel", channel).gte("seq", 0)) as never)
        .take(10),
  }),
  one: queryGeneric({
    args: { ...page, seq: v.number() },
    handler: async (ctx, { channel, seq }) =>
      ctx.db
        .query("messages")
        .withIndex("by_channel", ((q: Range) => q.eq("channel", channel).eq("seq", seq)) as never)
        .unique(),
  }),
  get: queryGeneric({
    args: { id: v.id("messages"), nonce: v.number() },
    handler: async (ctx, { id }) => ctx.db.get(id),
  }),
  send: mutationGeneric({
    args: { channel: v.number(), seq: v.number() },
    handler: async (ctx, { channel, seq }) =>
      ctx.db.insert("messages", { channel, seq, body: TEXT, author: "bench" }),
  }),
};
