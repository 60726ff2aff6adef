/** Counts the lines of an uploaded file and reports the number. */
import type { BucketName } from "#core/named";
import { buildNotification, type Notification } from "#core/notice/notice";
import type { Upload } from "#core/upload";
import { type Bucket, createBucket } from "#stores/bucket";

/** The result, which is added to the state of the run. */
interface Counted {
  lines: number;
  notice: Notification;
}

class CountLines {
  constructor(private readonly bucket: Pick<Bucket, "open">) {}

  /** May run twice for an upload. Throws `UploadGone`. */
  async handle({ about, key, eTag, run }: Upload): Promise<Counted> {
    let lines = 0;
    for await (const chunk of await this.bucket.open(key, { eTag })) lines += chunk.filter(byte => byte === 0x0a).length;
    const text = `The file ${about.file} has ${lines} ${lines === 1 ? "line" : "lines"}.`;
    return { lines, notice: buildNotification({ id: `${run}#done`, outcome: "success", title: "File counted", text }) };
  }
}

/** Creates the task. */
const create = (settings: { bucket: BucketName }): ((upload: Upload) => Promise<Counted>) => {
  const task = new CountLines(createBucket(settings.bucket));
  return upload => task.handle(upload);
};

export { CountLines, create };
