/** A laptop cloud in a process of its own, for tests that kill it: `killed-cloud.ts DIRECTORY`. Sends `{endpoint}` when it stands. */
import { dynamodb } from "../../../src/services/dynamodb";
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
  process.on("disconnect", () => process.exit());
  process.send!({ endpoint: laptop.client.endpoint });
};

void start();
