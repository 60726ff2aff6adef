/** Reads a file for the model that works on a task. It must have been shared in the task's own thread. */
import { createHash } from "node:crypto";
import { describeUnreadable, findFormat, inspectContent, LIMITS } from "#core/agent/model-file";
import type { Task } from "#core/agent/task";
import { refuse } from "#core/agent/tool-rules";
import type { Deadline } from "#core/deadline";
import { buildFileName } from "#core/documents/slack-files";
import { FileNotReady, FileRefused, SlackRefused } from "#core/errors";
import type { JsonObject } from "#core/json";
import type { MessageFile } from "#core/message/message";
import type { ConversationTool } from "#functions/gateway/conversation-tool";
import type { SlackFiles } from "#stores/slack/files";

/** Time that the download leaves for the call's audit row and answer. */
const RESERVE_MS = 4000;

/** A file's description and content. The content is not part of `result`, because it may be large. */
interface FileContent {
  /** `{name, kind, format, sha256}` */
  result: JsonObject;
  bytes: Buffer;
}

class FileTool {
  constructor(
    private readonly files: Pick<SlackFiles, "find" | "download">,
    private readonly conversation: Pick<ConversationTool, "findFile">,
  ) {}

  /** Throws `SlackBusy`, and `ToolRefused` (`file`) with the reason why a model can't get the file. */
  async read(id: string, task: Task, deadline: Deadline): Promise<FileContent> {
    const file = await this.conversation.findFile(task, id, deadline);
    if (file === undefined) return refuse("file", "it was not shared in the task's thread.");
    try {
      return await this.fetch(file, task.team, deadline);
    } catch (error) {
      if (error instanceof FileRefused || error instanceof FileNotReady || error instanceof SlackRefused) refuse("file", error.message);
      throw error;
    }
  }

  private async fetch(shared: MessageFile, team: string, deadline: Deadline): Promise<FileContent> {
    const file = await this.files.find(team, shared);
    const announced = findFormat(file.mimetype ?? "");
    if (announced === undefined) return refuse("file", describeUnreadable(file.mimetype ?? ""));
    const limits = { maxBytes: LIMITS[announced.kind].bytes, limitSeconds: Math.max(0, deadline.leftMs - RESERVE_MS) / 1000 };
    const bytes = await this.files.download(team, file, limits, readAll);
    const format = inspectContent(announced, bytes);
    if (typeof format === "string") return refuse("file", format);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { result: { name: buildFileName(file), ...format, sha256 }, bytes };
  }
}

const readAll = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
};

export type { FileContent };
export { FileTool };
