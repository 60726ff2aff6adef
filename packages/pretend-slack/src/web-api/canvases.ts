import type { Canvas } from "../canvas";
import { isKnownToBot } from "../directory";
import type { Slack } from "../slack";
import { invalidArguments, SlackError } from "../slack-error";
import { secondsOf } from "../timestamp";
import type { Arguments } from "./arguments";
import { findChannel, type Method } from "./method";

const scope = "canvases:write";

/** Behaves as https://docs.slack.dev/reference/methods/canvases.create; differs: markdown is not checked. */
const create: Method = {
  scope,
  run: async (slack, given) => {
    const tab = given.text("channel_id") === undefined ? undefined : findChannel(slack, given.renamed("channel_id", "channel")).id;
    return { canvas_id: (await keep(slack, buildCanvas(slack, given, tab === undefined ? [] : [tab]))).id };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.canvases.create */
const createOfChannel: Method = {
  scope,
  run: async (slack, given) => {
    given.required("channel_id");
    const { id, members } = findChannel(slack, given.renamed("channel_id", "channel"));
    if (!members.includes(slack.bot.userId)) throw new SlackError("not_in_channel");
    if (slack.workspace.canvases().some(({ ofChannel }) => ofChannel === id)) throw new SlackError("channel_canvas_already_exists");
    const canvas: Canvas = { ...buildCanvas(slack, given, [id]), ofChannel: id };
    return { canvas_id: (await keep(slack, canvas)).id };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/canvases.access.set; differs: only for channels, and read access includes write access. */
const setAccess: Method = {
  scope,
  run: async (slack, given) => {
    const canvas = slack.workspace.canvas(given.required("canvas_id"));
    if (canvas === undefined) throw new SlackError("canvas_not_found");
    const level = given.required("access_level");
    if (level !== "read" && level !== "write") throw new SlackError("invalid_arguments");
    const ids = given.list("channel_ids");
    if (ids === undefined || given.raw("user_ids") !== undefined) throw new SlackError("invalid_arguments");
    const channels = ids.map(id => {
      const channel = slack.workspace.channel(String(id));
      if (channel === undefined || !isKnownToBot(channel)) throw new SlackError("channel_not_found");
      return channel.id;
    });
    await keep(slack, { ...canvas, channels: [...new Set([...canvas.channels, ...channels])] });
    return {};
  },
};

const buildCanvas = (slack: Slack, given: Arguments, channels: string[]): Canvas => {
  const content = given.object("document_content");
  if (content !== undefined && (content["type"] !== "markdown" || typeof content["markdown"] !== "string"))
    throw invalidArguments('must be {"type": "markdown", "markdown": TEXT}', "/document_content");
  return {
    id: slack.workspace.nextFileId(),
    title: given.text("title") ?? "Untitled",
    markdown: String(content?.["markdown"] ?? ""),
    channels,
    createdSeconds: secondsOf(slack.cloud.clock.nowMs()),
  };
};

const keep = async (slack: Slack, canvas: Canvas): Promise<Canvas> => {
  await slack.workspace.write([slack.workspace.keepCanvas(canvas)]);
  const { id, title, channels } = canvas;
  slack.cloud.occurrences.record({
    atMs: slack.cloud.clock.nowMs(),
    kind: "slack",
    from: slack.bot.userId,
    to: "slack",
    detail: { change: "canvas", id, title, channels },
  });
  return canvas;
};

const canvasesMethods: Record<string, Method> = {
  "canvases.create": create,
  "canvases.access.set": setAccess,
  "conversations.canvases.create": createOfChannel,
};

export { canvasesMethods };
