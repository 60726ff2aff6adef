import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import { AwsError } from "../../src/kernel/aws-error";
import type { Operation, ServiceDefinition } from "../../src/kernel/service";
import type { Items } from "../../src/protocol";

const program = () => ({ outputs: {}, secretOutputs: [], config: {} });

/** A service with one resource type and canned operations. */
const serviceOf = (name: string, type: string, operations: Record<string, Operation>): ServiceDefinition => ({
  name,
  resources: {
    [type]: {
      properties: { hashKey: "acts", attributes: "acts", loggingConfig: "acts" },
      outputs: declared => ({ id: declared.name, name: `${declared.name}-x` }),
    },
  },
  create: () => ({ operations, start: async () => {}, stop: async () => {} }),
});

const startWith = async (service: ServiceDefinition, inputs: object = {}) => {
  const [type] = Object.keys(service.resources);
  const laptop = await startLaptop({
    definitions: [service, createControls(program)],
    resources: [{ type: type!, name: "thing", inputs }],
  });
  const get = async (path: string) => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/${path}`);
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { get, stop: laptop.stop };
};

describe("controls", () => {
  describe("items", () => {
    const table = (Scan: Operation) => startWith(serviceOf("dynamodb", "aws:dynamodb/table:Table", { Scan }), { hashKey: "word" });

    it("reads all pages, and sorts the largest numbers first", async () => {
      const pages = [
        { Items: [{ word: { S: "a" }, count: { N: "2" } }], LastEvaluatedKey: { word: { S: "a" } } },
        { Items: [{ word: { S: "c" }, count: { N: "12" } }, { word: { S: "b" }, count: { N: "12" } }, { word: { S: "d" } }] },
      ];
      const { get, stop } = await table(async ({ TableName, ExclusiveStartKey }) => {
        expect(TableName).to.equal("thing-x");
        return pages[ExclusiveStartKey === undefined ? 0 : 1]!;
      });
      try {
        const { items, ...rest } = (await get("items?table=thing")).body as Items;
        expect(rest).to.deep.equal({ name: "thing", table: "thing-x", keys: ["word"], sortedBy: "count", count: 4, hasMore: false });
        expect(items.map(({ word }) => word)).to.deep.equal(["b", "c", "a", "d"]);
      } finally {
        await stop();
      }
    });

    it("looks items up by their partition key", async () => {
      const Query: Operation = async ({ ExpressionAttributeNames, ExpressionAttributeValues }) => {
        expect([ExpressionAttributeNames, ExpressionAttributeValues]).to.deep.equal([{ "#key": "n" }, { ":key": { N: "7" } }]);
        return { Items: [{ n: { N: "7" } }] };
      };
      const inputs = { hashKey: "n", attributes: [{ name: "n", type: "N" }] };
      const { get, stop } = await startWith(serviceOf("dynamodb", "aws:dynamodb/table:Table", { Query }), inputs);
      try {
        expect(((await get("items?table=thing&key=7")).body as Items).items).to.deep.equal([{ n: 7 }]);
        const refused = await get("items?table=thing&key=seven");
        expect(refused.body).to.include({ message: 'key is "seven", but n must be a number.' });
      } finally {
        await stop();
      }
    });

    it("converts every attribute type to plain JSON without rounding numbers", async () => {
      const item = {
        word: { S: "x" },
        big: { N: "12345678901234567890" },
        list: { L: [{ N: "1" }, { BOOL: true }, { NULL: true }] },
        map: { M: { set: { SS: ["a", "b"] } } },
      };
      const { get, stop } = await table(async () => ({ Items: [item] }));
      try {
        const { items } = (await get("items?table=thing")).body as Items;
        expect(items).to.deep.equal([{ word: "x", big: "12345678901234567890", list: [1, true, null], map: { set: ["a", "b"] } }]);
      } finally {
        await stop();
      }
    });

    it("stops after 5,000 items, and reports that there are more", async () => {
      const { get, stop } = await table(async ({ Limit }) => ({
        Items: Array.from({ length: Math.min(1000, Limit) }, (_, index) => ({ word: { S: `${Limit}-${index}` } })),
        LastEvaluatedKey: { word: { S: "x" } },
      }));
      try {
        const { items, count, hasMore } = (await get("items?table=thing")).body as Items;
        expect({ shown: items.length, count, hasMore }).to.deep.equal({ shown: 200, count: 5000, hasMore: true });
        expect((await get("items?table=nothing")).status).to.equal(404);
      } finally {
        await stop();
      }
    });
  });

  describe("logs", () => {
    const type = "aws:lambda/function:Function";

    it("shows the latest lines of a function's streams, sorted by time", async () => {
      const asked: string[] = [];
      const service = serviceOf("logs", type, {
        DescribeLogStreams: async ({ logGroupName }) => {
          asked.push(logGroupName);
          return { logStreams: [{ logStreamName: "one" }, { logStreamName: "two" }] };
        },
        GetLogEvents: async ({ logStreamName }) => ({
          events:
            logStreamName === "one"
              ? [{ timestamp: 2, message: "b" }]
              : [
                  { timestamp: 1, message: "a" },
                  { timestamp: 3, message: "c" },
                ],
        }),
      });
      const { get, stop } = await startWith(service, { loggingConfig: { logGroup: "a-group" } });
      try {
        expect((await get("logs?function=thing")).body).to.deep.equal([
          { atMs: 1, stream: "two", message: "a" },
          { atMs: 2, stream: "one", message: "b" },
          { atMs: 3, stream: "two", message: "c" },
        ]);
        expect(asked).to.deep.equal(["a-group"]);
        expect((await get("logs?function=nothing")).status).to.equal(404);
      } finally {
        await stop();
      }
    });

    it("shows no lines before the first", async () => {
      const service = serviceOf("logs", type, {
        DescribeLogStreams: async ({ logGroupName }) => {
          expect(logGroupName).to.equal("/aws/lambda/thing-x");
          throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
        },
      });
      const { get, stop } = await startWith(service);
      try {
        expect((await get("logs?function=thing")).body).to.deep.equal([]);
      } finally {
        await stop();
      }
    });
  });
});
