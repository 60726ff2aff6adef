/** A killable laptop cloud with one table. */

import { reportStart, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { dynamodb } from "../../../src/services/dynamodb";

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
