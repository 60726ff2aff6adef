import { expect } from "chai";
import { NoticesTopic } from "../../../components/resources/notices";
import { runMocked } from "../mocked";
import { find } from "../registered";

describe("notices", () => {
  const subscriptionType = "aws:sns/topicSubscription:TopicSubscription";
  const make = (skipsPersonalNotices = false) =>
    runMocked(() => void new NoticesTopic("successes", { emails: ["ann@example.com", "bob@example.com"], skipsPersonalNotices }));

  it("are sent to each address through its own subscription", async () => {
    const { resources } = await make();
    for (const email of ["ann@example.com", "bob@example.com"])
      expect(find(resources, subscriptionType, `successes-${email}`)).to.deep.equal({
        topic: "arn:aws:mock:us-east-1:000000000000:successes",
        protocol: "email",
        endpoint: email,
      });
  });

  it("for one person are not sent by e-mail", async () => {
    const { resources } = await make(true);
    const { filterPolicy } = find(resources, subscriptionType, "successes-ann@example.com");
    expect(JSON.parse(filterPolicy)).to.deep.equal({ user: [{ exists: false }] });
  });

  it("are not encrypted with AWS's own key, since alarms could not publish them", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:sns/topic:Topic")).not.to.have.property("kmsMasterKeyId");
  });
});
