/** Answers `/archive`. */

import type { Deadline } from "#core/deadline";
import { buildFileList, parseTag } from "#core/documents/archive-search";
import type { TableName } from "#core/named";
import { isProblem } from "#core/problem";
import { createDynamoDB } from "#stores/aws-clients";
import { FilesTable } from "#stores/documents/files-table";

interface ArchiveSearchSettings {
  filesTable: TableName;
}

/** The user, and the conversation of the request. */
interface Asker {
  team: string;
  channel: string;
}

const MAX_SHOWN = 10;

class ArchiveSearch {
  constructor(private readonly files: Pick<FilesTable, "readVisible">) {}

  /** Returns the latest files with a tag as mrkdwn, or a sentence about a mistake in the question. */
  async answer(text: string, { team, channel }: Asker, deadline: Deadline): Promise<string> {
    const question = parseTag(text);
    if (isProblem(question)) return question.problem;
    const { tag } = question;
    return buildFileList(tag, await this.files.readVisible({ team, tag, channel, limit: MAX_SHOWN }, deadline));
  }
}

const createArchiveSearch = (settings: ArchiveSearchSettings): ArchiveSearch =>
  new ArchiveSearch(new FilesTable(createDynamoDB("ack"), settings.filesTable));

export type { ArchiveSearchSettings };
export { ArchiveSearch, createArchiveSearch };
