import { SAMPLE_NAME } from "#core/sample-name/tables";

// Items by owner.
const sampleName = new Table("sample-name", { ...SAMPLE_NAME, production });
export const sampleNameTable = sampleName.name;
