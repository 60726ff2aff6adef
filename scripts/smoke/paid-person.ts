/** `npm run smoke` pays one person. */
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { type Check, waitFor } from "../checklist";
import type { StackOutputs } from "../stack-outputs";

interface PayrollParts {
  outputs: StackOutputs;
  s3: S3Client;
  sfn: SFNClient;
  /** The word of this run; the file has its name. */
  word: string;
  limitMs: number;
}

const FILE = "employee_id,name,hours,hourly_rate,overtime_hours,tax_rate\nSMOKE1,Smoke Test,10,10.00,,\n";

/** What that person earns. */
const GROSS_CENTS = 10_000;

class PaidPerson {
  constructor(private readonly parts: PayrollParts) {}

  check(): Check {
    const off = this.parts.outputs.rawDataBucket === undefined ? "The feature payroll is off." : undefined;
    return { name: "payroll", off, run: () => this.run() };
  }

  async run(): Promise<string> {
    const { outputs, s3, word, limitMs } = this.parts;
    try {
      await s3.send(new PutObjectCommand({ Bucket: outputs.rawDataBucket, Key: `${word}.csv`, Body: FILE }));
      const status = await waitFor(() => this.findEnd(), limitMs, `No run of the payroll pipeline with ${word}.csv has ended.`);
      if (status !== "SUCCEEDED") throw new Error(`The run of the payroll pipeline is ${status}, but must be SUCCEEDED.`);
      const report = JSON.parse(await this.read(outputs.reportsBucket, `${word}/report.json`)) as { grossCents: number };
      if (report.grossCents !== GROSS_CENTS) throw new Error(`The report says ${report.grossCents} cents, but must say ${GROSS_CENTS}.`);
      const stub = await this.read(outputs.paystubsBucket, `${word}/SMOKE1.pdf`);
      if (!stub.startsWith("%PDF-")) throw new Error("The paystub is no PDF.");
    } finally {
      await this.cleanUp();
    }
    return "One person got a paystub and a report. The files are deleted; the notice of success stays.";
  }

  private async findEnd(): Promise<string | undefined> {
    const { sfn, word, outputs } = this.parts;
    const { executions = [] } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn: outputs.payrollStateMachineArn, maxResults: 20 }),
    );
    for (const { executionArn } of executions) {
      const { input = "", status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (input.includes(`${word}.csv`)) return status === "RUNNING" ? undefined : status;
    }
    return undefined;
  }

  private async read(Bucket: string | undefined, Key: string): Promise<string> {
    const { Body } = await this.parts.s3.send(new GetObjectCommand({ Bucket, Key }));
    return Body!.transformToString("latin1");
  }

  private async cleanUp(): Promise<void> {
    const { outputs, s3, word } = this.parts;
    for (const Bucket of [outputs.rawDataBucket, outputs.processedDataBucket, outputs.paystubsBucket, outputs.reportsBucket]) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: word }));
      const Objects = Contents.map(({ Key }) => ({ Key: Key! }));
      if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    }
  }
}

export { PaidPerson };
