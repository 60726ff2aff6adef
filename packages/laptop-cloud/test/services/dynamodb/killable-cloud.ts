/** A killable laptop cloud with one table. */
import { dynamodb } from "../../../src/services/dynamodb";
import { reportStart } from "../../killable-cloud";
import { startLaptop } from "../../laptop";

const start = async () => {
  const laptop = await startLaptop({
    definitions: [dynamodb],
    directory: process.argv[2],
    resources: [
      {
        type: "aws:dynamodb/table:Table",
        name: "words",
        inputs: {
          billingMode: "PAY_PER_REQUEST",
          hashKey: "id",
          attributes: [
            { name: "id", type: "S" },
            { name: "kind", type: "S" },
          ],
          globalSecondaryIndexes: [{ name: "byKind", hashKey: "kind", projectionType: "ALL" }],
        },
      },
    ],
  });
  return laptop.client;
};

reportStart(start());
