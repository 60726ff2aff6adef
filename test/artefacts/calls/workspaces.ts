import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Answer, CreateCalls } from "../calls";

const createCalls: CreateCalls = ({ call }) => ({
  install: async () => {
    const answer = (await call("install", { routeKey: "GET /install" })) as Answer & { headers: Record<string, string> };
    expect(answer.statusCode).to.equal(302);
    expect(answer.headers["Location"]).to.include("/slack/oauth/v2/authorize?client_id=1000000001.1000000002&scope=app_mentions%3Aread");
  },

  legal: async () => {
    const answer = (await call("legal", { routeKey: "GET /terms" })) as Answer;
    expect(answer.statusCode).to.equal(200);
    expect(answer.body).to.include("<h1>Terms of service</h1>");
  },

  // The laptop of this test serves one workspace, and so has no installations. Those of test/cloud/workspaces.test.ts are refreshed.
  "token-refresher": async () => {
    expect(String(await rejectionOf(call("token-refresher", {})))).to.include("ResourceNotFoundException");
  },

  // Likewise. There is no dead-letter queue, either, so the batch is to be tried again.
  "message-archive-encryption": async () => {
    const data = Buffer.from(JSON.stringify({ Message: '{"id":"T0001-C0001-1.2-events"}' })).toString("base64");
    const failure = String(await rejectionOf(call("message-archive-encryption", { records: [{ recordId: "1", data }] })));
    expect(failure).to.include("QueueDoesNotExist");
  },

  // Likewise.
  "team-eraser": async () => {
    expect(String(await rejectionOf(call("team-eraser", {})))).to.include("ResourceNotFoundException");
  },
});

export { createCalls };
