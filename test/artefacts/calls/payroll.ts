import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { CreateCalls } from "../calls";
import { createPipelineChecks } from "../pipelines";

const file = "employee_id,name,hours,hourly_rate\nE1,Ann Grüße,40,20.00\n";

const createCalls: CreateCalls = artefacts => {
  const { call } = artefacts;
  const { output, s3, sizeOf, hasExecution, describesFailure } = createPipelineChecks(artefacts);

  /** Puts a payroll file. The execution that this starts writes the same objects. */
  const putPayroll = async () => {
    const { ETag } = await s3().send(new PutObjectCommand({ Bucket: output("rawDataBucket"), Key: "artefact.csv", Body: file }));
    const uploadedAt = "2026-03-31T10:00:00.000Z";
    return { about: { file: "artefact.csv" }, key: "artefact.csv", eTag: ETag!.replace(/"/g, ""), uploadedAt, run: "artefact" };
  };
  const processPayroll = async () => {
    const upload = await putPayroll();
    const processData = (await call("payroll-process-data", upload)) as { key: string; employees: number; ranges: object[] };
    return { ...upload, processData };
  };

  return {
    "payroll-start": async () => {
      const object = { key: "missing.csv", eTag: "00", sequencer: "01" };
      const record = { eventTime: "2026-03-31T10:00:00.000Z", s3: { bucket: { name: output("rawDataBucket") }, object } };
      await call("payroll-start", { Records: [record] });
      await hasExecution("payrollStateMachineArn", "missing.csv");
    },
    "payroll-process-data": async () => {
      const { processData } = await processPayroll();
      expect(processData).to.include({ key: "artefact/artefact.ndjson", employees: 1 });
    },
    "payroll-generate-paystubs": async () => {
      const { key, eTag, uploadedAt, processData } = await processPayroll();
      const [range] = processData.ranges;
      expect(await call("payroll-generate-paystubs", { key, eTag, uploadedAt, rows: processData.key, range })).to.equal(1);
      expect(await sizeOf("paystubsBucket", "artefact/E1.pdf")).to.be.above(500);
    },
    "payroll-rollup": async () => {
      expect(await call("payroll-rollup", await processPayroll())).to.deep.equal({ key: "artefact/rollup.csv" });
    },
    "payroll-generate-report": async () => {
      const { notice } = (await call("payroll-generate-report", await processPayroll())) as { notice: { text: string } };
      expect(notice.text).to.equal("Payroll process complete. The file artefact.csv: 1 employee, gross 800.00 USD, net 800.00 USD.");
    },
    "payroll-describe-failure": () => describesFailure("payroll-describe-failure", "processData"),
  };
};

export { createCalls };
