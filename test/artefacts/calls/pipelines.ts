import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildMessage } from "#core/message/message";
import type { CreateCalls } from "../calls";

const file = "employee_id,name,hours,hourly_rate\nE1,Ann Grüße,40,20.00\n";

/** One call for each function of the archive, payroll and notices, which shows that it works. */
const createCalls: CreateCalls = ({ laptop, call }) => {
  const output = (name: string) => laptop().endpoints.outputs[name] as string;
  const s3 = () => new S3Client(laptop().client);
  const sizeOf = async (bucket: string, Key: string) =>
    (await s3().send(new HeadObjectCommand({ Bucket: output(bucket), Key }))).ContentLength ?? 0;
  const hasExecution = (machine: string, part: string) =>
    eventually(async () => {
      const sfn = new SFNClient(laptop().client);
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: output(machine) }));
      const inputs = await Promise.all(executions.map(({ executionArn }) => sfn.send(new DescribeExecutionCommand({ executionArn }))));
      return inputs.some(({ input = "" }) => input.includes(part));
    });

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

  const said = {
    door: "events" as const,
    team: "T0001",
    channel: "C0001",
    user: "U0001",
    text: "#artefact",
    ts: "1763805600.000400",
    private: false,
    mentionsBot: false,
    tokens: [],
  };
  const fetched = { key: "T0001/C0001/2025-11-22/FARTEFACT/original", name: "a.png", mimetype: "image/png", sizeBytes: 4, sha256: "00" };
  const shared = {
    about: { file: "a.png" },
    eventId: "artefact",
    ...said,
    tags: ["#artefact"],
    file: { id: "FARTEFACT", name: "a.png", mimetype: "image/png", size: 4 },
  };

  const describesFailure = async (name: string, task: string) => {
    const state = { about: { file: "a.csv" }, failure: { Error: "BadPayroll", Cause: '{"errorMessage":"Row 2."}' } };
    const { text } = (await call(name, { execution: "x", state })) as { text: string };
    expect(text).to.equal(`The task ${task} failed for the file a.csv. Row 2. (BadPayroll)`);
  };

  return {
    archiver: async () => {
      const { envelope } = buildMessage({ ...said, files: [{ id: "FARCHIVER", mimetype: "image/png", url: "https://example.com/a.png" }] });
      await call("archiver", { Records: [{ Sns: { Message: envelope, MessageAttributes: {} } }] });
      await hasExecution("documentsStateMachineArn", "FARCHIVER");
    },
    "documents-fetch-file": async () => {
      const response = await fetch(`${laptop().endpoints.slack}/say`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          user: "U0001",
          channel: "C0001",
          text: "",
          files: [{ name: "a.png", mimetype: "image/png", base64: "AAAA" }],
        }),
      });
      const { ts } = (await response.json()) as { ts: string };
      const answer = await fetch(`${laptop().endpoints.slack}/api/conversations.history?channel=C0001&oldest=${ts}&inclusive=true`, {
        headers: { authorization: "Bearer xoxb-local-bot-token" },
      });
      const { messages } = (await answer.json()) as { messages: { files: { id: string; url_private: string }[] }[] };
      const { id, url_private: url } = messages[0]!.files[0]!;

      const result = await call("documents-fetch-file", { ...shared, file: { id, name: "a.png", mimetype: "image/png", size: 3, url } });

      expect(result).to.include({ name: "a.png", sizeBytes: 3 });
      expect(await sizeOf("archiveBucket", (result as { key: string }).key)).to.equal(3);
    },
    "documents-metadata": async () => {
      const { key } = (await call("documents-metadata", { ...shared, fetchFile: fetched })) as { key: string };
      expect(await sizeOf("archiveBucket", key)).to.be.above(100);
    },
    "documents-describe-failure": () => describesFailure("documents-describe-failure", "fetchFile"),
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
    notifier: async () => {
      // A separate channel: in the usual one, notices of the calls above may be waiting.
      const Message = JSON.stringify({ id: "artefact", outcome: "error", title: "Alarm", text: "Told by the artefact.", channel: "C0002" });
      const body = { MessageId: "artefact", TopicArn: output("errorsTopicArn"), Subject: "Alarm", Message };
      const answer = await call("notifier", { Records: [{ messageId: "m1", receiptHandle: "r1", body: JSON.stringify(body) }] });
      expect(answer).to.deep.equal({ batchItemFailures: [] });
    },
  };
};

export { createCalls };
