// Items by owner.
const sampleName = new Table("sample-name", { partitionKey: "owner:S", sortKey: "item:S", production });
export const sampleNameTable = sampleName.name;
