import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { CreateCalls } from "../calls";

/** The pipeline `sample-name`. */
const createCalls: CreateCalls = ({ laptop, call }) => {
  const bucket = () => laptop().endpoints.outputs["sampleNameBucket"] as string;
  const key = "artefact.txt";
  const uploadedAt = "2026-03-31T10:00:00.000Z";

  return {
    "sample-name-start": async () => {
      const object = { key, eTag: "00", sequencer: "01" };
      expect(
        await call("sample-name-start", { Records: [{ eventTime: uploadedAt, s3: { bucket: { name: bucket() }, object } }] }),
      ).to.equal(null);
    },
    "sample-name-count-lines": async () => {
      const { ETag } = await new S3Client(laptop().client).send(new PutObjectCommand({ Bucket: bucket(), Key: key, Body: "one\ntwo\n" }));
      const upload = { about: { file: key }, key, eTag: ETag!.replace(/"/g, ""), uploadedAt, run: "artefact" };
      expect(await call("sample-name-count-lines", upload)).to.include({ lines: 2 });
    },
    "sample-name-describe-failure": async () => {
      const countLines = { Error: "UploadGone", Cause: '{"errorMessage":"It was removed."}' };
      const state = { about: { file: key }, failure: { countLines } };
      const { text } = (await call("sample-name-describe-failure", { execution: "x", state })) as { text: string };
      expect(text).to.equal("The task countLines failed for the file artefact.txt. It was removed. (UploadGone)");
    },
  };
};

export { createCalls };
