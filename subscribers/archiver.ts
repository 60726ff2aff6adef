/** Starts the documents pipeline for each file of a message. */

import { buildSharedFile, listTags } from "#core/documents/shared-file";
import { buildUnsupported, isSupported } from "#core/documents/slack-files";
import { buildExecutionName } from "#core/execution-name";
import { createLog } from "#core/log";
import type { Envelope, MessageFile } from "#core/message/message";
import type { StateMachineArn, TableName, TopicArn } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { createDynamoDB } from "#stores/aws-clients";
import { SharesTable } from "#stores/documents/shares-table";
import { createExecutions, type Executions } from "#stores/executions";
import { createNoticesTopic, type NoticesTopic } from "#stores/notice/topic";
import { createSubscriber, type Subscriber } from "#subscribers/records";

interface ArchiverSettings {
  stateMachineArn: StateMachineArn;
  errorsTopicArn: TopicArn;
  mimeTypes: string[];
  /** Records which files are archived, if they are removed with their message. */
  sharesTable?: TableName;
}

/** A message has at most ten files in Slack's own clients. */
const FILES_AT_ONCE = 5;

class Archiver {
  constructor(
    private readonly executions: Pick<Executions, "start">,
    private readonly errors: Pick<NoticesTopic, "publish">,
    private readonly settings: Pick<ArchiverSettings, "mimeTypes">,
    private readonly shares?: Pick<SharesTable, "record">,
  ) {}

  /** Ignores a message that was deleted before it arrived. */
  async handle(envelope: Envelope): Promise<void> {
    if (!(await this.record(envelope))) return;
    await runSideBySide(envelope.data.files, FILES_AT_ONCE, file => this.archive(envelope, file));
  }

  /** Records what will be archived, before it is. Returns false if the message was deleted. */
  async record({ data }: Envelope): Promise<boolean> {
    const files = data.files.filter(file => isSupported(file, this.settings.mimeTypes)).map(({ id }) => id);
    return this.shares === undefined || files.length === 0 || this.shares.record(data, { files, tags: listTags(data.text) });
  }

  /** Starts one execution per file, or publishes a notice for a type that is not archived. */
  async archive(envelope: Envelope, file: MessageFile): Promise<void> {
    if (!isSupported(file, this.settings.mimeTypes)) return this.refuse(envelope, file);
    await this.executions.start(buildExecutionName(envelope.id, file.id), buildSharedFile(envelope, file));
  }

  async refuse(envelope: Envelope, file: MessageFile): Promise<void> {
    const { file: name, ...place } = buildSharedFile(envelope, file).about;
    await this.errors.publish({
      id: `${envelope.id}#${file.id}#refused`,
      outcome: "error",
      title: "File not archived",
      text: buildUnsupported(file, this.settings.mimeTypes),
      fields: { file: name },
      ...place,
    });
  }
}

const create = (settings: ArchiverSettings): Subscriber => {
  const { stateMachineArn, errorsTopicArn, sharesTable } = settings;
  const shares = sharesTable === undefined ? undefined : new SharesTable(createDynamoDB("background"), sharesTable);
  const archiver = new Archiver(createExecutions(stateMachineArn), createNoticesTopic(errorsTopicArn), settings, shares);
  return createSubscriber(createLog("archiver"), envelope => archiver.handle(envelope));
};

export type { ArchiverSettings };
export { Archiver, create };
