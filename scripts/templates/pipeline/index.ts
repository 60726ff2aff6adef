import { SampleName } from "./components/features/sample-name";

const sampleName = new SampleName("sample-name", shared);
export const sampleNameBucket = sampleName.bucketName;
