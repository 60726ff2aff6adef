import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { Table } from "../../../components/resources/table";
import { publish, put, query, readWrite } from "../../../components/wiring/grants";
import { runMocked } from "../mocked";

describe("grants", () => {
  it("name one resource each", async () => {
    const documents: string[] = [];
    await runMocked(() => {
      const table = new Table("words", { partitionKey: "word:S", production: false });
      const topic = new aws.sns.Topic("messages");
      for (const grant of [readWrite(table), put(table), query({ name: "by-kind" })(table), publish(topic)]) {
        for (const resource of grant.resources)
          (resource as typeof table.arn).apply(arn => documents.push(`${grant.actions.join()} ${arn}`));
      }
    });

    expect(documents).to.have.members([
      "dynamodb:GetItem,dynamodb:PutItem,dynamodb:UpdateItem arn:aws:mock:us-east-1:000000000000:words",
      "dynamodb:PutItem arn:aws:mock:us-east-1:000000000000:words",
      "dynamodb:Query arn:aws:mock:us-east-1:000000000000:words/index/by-kind",
      "sns:Publish arn:aws:mock:us-east-1:000000000000:messages",
    ]);
  });
});
