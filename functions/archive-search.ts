/** Answers the question for archived files. */
import { buildFileList, isVisible, parseTag } from "#core/archive-search";
import type { Deadline } from "#core/deadline";
import { isProblem } from "#core/problem";
import { createDynamoDB } from "#stores/aws-clients";
import { FilesTable } from "#stores/files-table";

interface ArchiveSearchSettings {
  filesTable: string;
}

/** Who asks, and where. */
interface Asker {
  team: string;
  channel: string;
}

const MAX_SHOWN = 10;
/** More than are shown, since some may have been shared where the asker does not look. */
const MAX_READ = 50;

class ArchiveSearch {
  constructor(private readonly files: Pick<FilesTable, "readLatest">) {}

  /** Returns the latest files with a tag as mrkdwn, or the sentence that says what was wrong with the question. */
  async answer(text: string, { team, channel }: Asker, deadline: Deadline): Promise<string> {
    const question = parseTag(text);
    if (isProblem(question)) return question.problem;
    const files = await this.files.readLatest(team, question.tag, MAX_READ, deadline);
    return buildFileList(question.tag, files.filter(file => isVisible(file, channel)).slice(0, MAX_SHOWN));
  }
}

/** Creates an `ArchiveSearch` and its client. */
const createArchiveSearch = (settings: ArchiveSearchSettings): ArchiveSearch =>
  new ArchiveSearch(new FilesTable(createDynamoDB("ack"), settings.filesTable));

export type { ArchiveSearchSettings };
export { ArchiveSearch, createArchiveSearch };
