import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Artefacts } from "./calls";

/** Checks the results of the pipelines' functions. Buckets and state machines are named by the stack's outputs. */
const createPipelineChecks = ({ laptop, call }: Artefacts) => {
  const output = (name: string) => laptop().endpoints.outputs[name] as string;
  const s3 = () => new S3Client(laptop().client);

  return {
    output,
    s3,
    sizeOf: async (bucket: string, Key: string) =>
      (await s3().send(new HeadObjectCommand({ Bucket: output(bucket), Key }))).ContentLength ?? 0,
    hasExecution: (machine: string, part: string) =>
      eventually(async () => {
        const sfn = new SFNClient(laptop().client);
        const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: output(machine) }));
        const inputs = await Promise.all(executions.map(({ executionArn }) => sfn.send(new DescribeExecutionCommand({ executionArn }))));
        return inputs.some(({ input = "" }) => input.includes(part));
      }),
    describesFailure: async (name: string, task: string) => {
      const state = { about: { file: "a.csv" }, failure: { [task]: { Error: "BadPayroll", Cause: '{"errorMessage":"Row 2."}' } } };
      const { text } = (await call(name, { execution: "x", state })) as { text: string };
      expect(text).to.equal(`The task ${task} failed for the file a.csv. Row 2. (BadPayroll)`);
    },
  };
};

export { createPipelineChecks };
