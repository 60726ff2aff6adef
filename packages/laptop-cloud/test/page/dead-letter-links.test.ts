import { expect } from "chai";
import { findDeadLetterLinks } from "../../page/dead-letter-links";
import type { Resource } from "../../src/protocol";

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const resourceOf = (type: string, name: string, inputs: Resource["inputs"], outputs: Resource["outputs"] = {}): Resource => ({
  type,
  name,
  id: `${name}-id`,
  inputs,
  outputs,
  secrets: [],
});
const queueOf = (name: string, inputs = {}) => resourceOf("aws:sqs/queue:Queue", name, inputs, { arn: arnOf(name) });
const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 3 });

describe("dead-letter links", () => {
  it("name the queue's target, and what sends to it", () => {
    const resources = [
      queueOf("dead"),
      queueOf("jobs", { redrivePolicy }),
      queueOf("later"),
      resourceOf("aws:sqs/redrivePolicy:RedrivePolicy", "policy", { queueUrl: "later-id", redrivePolicy }),
      resourceOf("aws:lambda/function:Function", "worker", { deadLetterConfig: { targetArn: arnOf("dead") } }),
      resourceOf("aws:scheduler/schedule:Schedule", "hourly", { target: { deadLetterConfig: { arn: arnOf("dead") } } }),
      resourceOf("aws:sns/topicSubscription:TopicSubscription", "subscription", {
        topic: "arn:aws:sns:us-east-1:000000000000:messages",
        endpoint: "arn:aws:lambda:us-east-1:000000000000:function:logger",
        redrivePolicy,
      }),
    ];
    expect(findDeadLetterLinks(resources, "jobs")).to.deep.equal({ target: { name: "dead", maxReceives: 3 }, sources: [] });
    expect(findDeadLetterLinks(resources, "later").target).to.deep.equal({ name: "dead", maxReceives: 3 });
    expect(findDeadLetterLinks(resources, "dead")).to.deep.equal({
      sources: ["jobs", "later", "worker", "hourly", "messages → logger"],
    });
  });
});
