/** Starts a pipeline for each upload that S3 reports. */

import { buildExecutionName } from "#core/execution-name";
import { createLog, type Log } from "#core/log";
import type { StateMachineArn } from "#core/named";
import { buildShownName } from "#core/shown-name";
import type { Upload } from "#core/upload";
import { createExecutions, type Executions } from "#stores/executions";

interface StartForUploadSettings {
  stateMachineArn: StateMachineArn;
}

/** The part of S3's notification that is read. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
interface S3Record {
  eventTime: string;
  s3: { bucket: { name: string }; object: { key: string; eTag: string; versionId?: string; sequencer?: string } };
}

interface S3Event {
  /** Absent in the test event that S3 sends when a notification is configured. */
  Records?: S3Record[];
}

class StartForUpload {
  constructor(
    private readonly executions: Pick<Executions, "start">,
    private readonly log: Pick<Log, "info">,
  ) {}

  /** Starts one execution per upload, however often S3 reports it. */
  async handle({ Records = [] }: S3Event): Promise<void> {
    for (const record of Records) await this.start(record);
  }

  async start({ eventTime, s3: { bucket, object } }: S3Record): Promise<void> {
    // Keys are encoded as in forms: a space is a plus.
    const key = decodeURIComponent(object.key.replace(/\+/g, " "));
    // The S3 console creates folders as empty objects.
    if (key.endsWith("/")) return;
    const eTag = object.eTag.replace(/"/g, "");
    const name = buildExecutionName(bucket.name, key, object.versionId ?? object.sequencer ?? eTag);
    const upload: Upload = { about: { file: buildShownName(key) || name }, key, eTag, uploadedAt: eventTime, run: name };
    const isNew = await this.executions.start(name, upload);
    this.log.info(isNew ? "started" : "started before", { key, execution: name });
  }
}

/** Creates the function that S3 notifies. */
const create = (settings: StartForUploadSettings): ((event: S3Event) => Promise<void>) => {
  const start = new StartForUpload(createExecutions(settings.stateMachineArn), createLog("start-for-upload"));
  return event => start.handle(event);
};

export type { S3Event, S3Record, StartForUploadSettings };
export { create, StartForUpload };
