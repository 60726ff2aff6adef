/** Makes the paystubs for one range of rows. */
import type { BucketName } from "#core/named";
import type { Pay } from "#core/payroll/payroll";
import { buildPaystubKey, type RowRange } from "#core/payroll/upload";
import { runSideBySide } from "#core/side-by-side";
import type { Upload } from "#core/upload";
import { verifyNewest } from "#functions/payroll/newest-upload";
import { readPayRows } from "#functions/payroll/pay-rows";
import { buildPaystub, type PaystubSettings } from "#functions/payroll/paystub";
import { type Bucket, createBucket } from "#stores/bucket";

interface GeneratePaystubsSettings extends PaystubSettings {
  rawDataBucket: BucketName;
  processedDataBucket: BucketName;
  paystubsBucket: BucketName;
}

interface RangeInput extends Pick<Upload, "key" | "eTag" | "uploadedAt"> {
  /** The object with the validated rows. */
  rows: string;
  range: RowRange;
}

/** Enough to hide S3's latency while PDFs are built. */
const PUTS_AT_ONCE = 16;

class GeneratePaystubs {
  constructor(
    private readonly rawData: Pick<Bucket, "isReplaced">,
    private readonly processedData: Pick<Bucket, "open">,
    private readonly paystubs: Pick<Bucket, "put">,
    private readonly settings: PaystubSettings,
  ) {}

  /** Idempotent. Returns the number of paystubs. Throws `UploadGone`. */
  async handle({ key, eTag, uploadedAt, rows, range }: RangeInput): Promise<number> {
    await verifyNewest(this.rawData, { key, eTag });
    const { start, end } = range;
    const pays: Pay[] = [];
    for await (const pay of readPayRows(await this.processedData.open(rows, { range: { start, end } }))) pays.push(pay);
    await runSideBySide(pays, PUTS_AT_ONCE, async pay => {
      const pdf = await buildPaystub(pay, { file: key, uploadedAt }, this.settings);
      await this.paystubs.put(buildPaystubKey(key, pay.employeeId), pdf, { contentType: "application/pdf" });
    });
    return pays.length;
  }
}

const create = (settings: GeneratePaystubsSettings): ((input: RangeInput) => Promise<number>) => {
  const { processedDataBucket, paystubsBucket } = settings;
  const task = new GeneratePaystubs(
    createBucket(settings.rawDataBucket),
    createBucket(processedDataBucket),
    createBucket(paystubsBucket),
    settings,
  );
  return input => task.handle(input);
};

export type { GeneratePaystubsSettings, RangeInput };
export { create, GeneratePaystubs };
