import { SampleName } from "./components/sample-name";

const sampleName = new SampleName("sample-name", shared);
export const sampleNameBucket = sampleName.bucketName;
