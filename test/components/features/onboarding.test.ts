import aslValidator from "asl-validator";
import { expect } from "chai";
import { bundleCallbacks } from "../../../components/bundling/bundle";
import { Onboarding } from "../../../components/features/onboarding";
import { Topic } from "../../../components/resources/topic";
import { type MockedResource, runMocked } from "../mocked";
import { find, makeFeatureArgs, statementsOf } from "../registered";

const modules = [
  "functions/describe-failure",
  ...["give-access", "welcome", "report"].map(name => `functions/onboarding/${name}`),
  "subscribers/account-opener",
];

describe("onboarding component", () => {
  let resources: MockedResource[];

  before(async () => {
    ({ resources } = await runMocked(() => {
      bundleCallbacks(async () => Object.fromEntries(modules.map(module => [module, "exports.any = true;"])));
      const shared = makeFeatureArgs();
      new Onboarding("onboarding", { ...shared, messages: new Topic("messages", shared) });
    }));
  });

  const arnOf = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

  it("is valid Amazon States Language, with a choice and two branches", () => {
    const text = find(resources, "aws:sfn/stateMachine:StateMachine")["definition"] as string;
    const definition = JSON.parse(
      text.replace(/arn:aws:mock:us-east-1:000000000000:([\w-]+)/g, "arn:aws:lambda:us-east-1:123456789012:function:$1"),
    );
    const { isValid, errorsText } = aslValidator(definition, { checkArn: false });

    expect(isValid, errorsText()).to.equal(true);
    expect(definition.States.kind.Type).to.equal("Choice");
    expect(definition.States.welcome.Branches).to.have.lengthOf(2);
  });

  it("lets the state machine invoke the functions of all steps, also in branches and choices", () => {
    const tasks = ["directory-access", "guest-access", "member-access", "greet", "introduce", "report", "describe-failure"];
    const invoked = statementsOf(resources, "onboarding-states").filter(({ Action }) => Action.includes("lambda:InvokeFunction"));
    expect(invoked.flatMap(({ Resource }) => Resource)).to.have.members(tasks.map(task => arnOf(`onboarding-${task}`)));
  });

  it("subscribes each system to people who join", () => {
    for (const system of ["directory", "helpdesk"]) {
      const { filterPolicy } = find(resources, "aws:sns/topicSubscription:TopicSubscription", `onboarding-${system}`);
      expect(JSON.parse(filterPolicy).type).to.deep.equal(["slack.team_join"]);
      expect(statementsOf(resources, `onboarding-${system}`).flatMap(({ Action }) => Action)).to.include.members([
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        "states:StartExecution",
      ]);
    }
  });

  it("lets tasks do one thing each", () => {
    const actionsOf = (task: string) => statementsOf(resources, `onboarding-${task}`)[0]!.Action;
    expect(["member-access", "greet", "introduce"].map(actionsOf)).to.deep.equal([
      ["dynamodb:UpdateItem"],
      ["sns:Publish"],
      ["sns:Publish"],
    ]);
  });
});
