import { expect } from "chai";
import { readCloudEventId } from "../../src/kernel/cloud-event";

const event = JSON.stringify({ specversion: "1.0", id: "T0001-C0001-1.2-webhook", type: "slack.message" });

describe("cloud event", () => {
  const cases: [string, string, string | undefined][] = [
    ["an event", event, "T0001-C0001-1.2-webhook"],
    ["an event in an SNS notification", JSON.stringify({ Type: "Notification", Message: event }), "T0001-C0001-1.2-webhook"],
    ["an id that is not a string", '{"specversion": "1.0", "id": 5}', undefined],
    ["text that only speaks of it", "what is a specversion?", undefined],
    ["another object", '{"id": "x"}', undefined],
    ["null, with the word", '["specversion"]', undefined],
  ];
  for (const [what, text, id] of cases) it(`reads ${id} from ${what}`, () => expect(readCloudEventId(text)).to.equal(id));
});
