/** The archive of shared files for agents. It shows what `/archive` would show in the task's own conversation. */

import { refuse } from "#core/agent/tool-rules";
import type { ToolArguments } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { buildMessageLink, parseTag } from "#core/documents/archive-search";
import type { JsonObject } from "#core/json";
import { isProblem } from "#core/problem";
import { buildQuote } from "#core/quote";
import type { Caller } from "#functions/gateway/caller";
import type { FilesTable } from "#stores/documents/files-table";

const DEFAULT_LIMIT = 10;

class ArchiveTool {
  constructor(
    private readonly files: Pick<FilesTable, "readVisible">,
    /** The team of calls without a task; empty if none is configured. */
    private readonly teamId: string,
  ) {}

  /**
   * Returns `{files: [{name, mimetype, sizeBytes, user, channel, ts, link}]}`, the latest first. Throws `ToolRefused` (`arguments`, `task`). A
   * call without a task sees public files only.
   */
  async find(
    { tag: asked, limit = DEFAULT_LIMIT }: ToolArguments<"find_files">,
    { task }: Caller,
    deadline: Deadline,
  ): Promise<JsonObject> {
    const question = parseTag(asked);
    if (isProblem(question)) return refuse("arguments", `tag is ${buildQuote(asked)}, but must be one hashtag, such as #receipt.`);
    const team = task?.team ?? this.teamId;
    if (team === "") refuse("task", "the workspace is unknown: name a task, or configure slackTeamId.");
    const found = await this.files.readVisible({ team, tag: question.tag, channel: task?.channel ?? "", limit }, deadline);
    const files = found.map(({ name, mimetype, sizeBytes, user, channel, ts }) => {
      return { name, mimetype, sizeBytes, user, channel, ts, link: buildMessageLink({ channel, ts }) };
    });
    return { files };
  }
}

export { ArchiveTool };
