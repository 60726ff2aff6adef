/** Helpers for tests of components: arguments to create them, and lookups in the registered resources. */
import { expect } from "chai";
import type { FeatureArgs } from "../../components/resources/feature";
import { NoticesTopic } from "../../components/resources/notices";
import type { MockedResource } from "./mocked";

/** Modules of a subscriber that does nothing and of a door that answers 200; and the first one in wired form. */
const idle = () => ({ create: () => async () => {} });
const door = () => ({ create: () => async () => ({ statusCode: 200 }) });
const nothing = { allow: [], callbackFactory: () => async () => {} };

/** The arguments that every feature gets. Call this inside a mocked program. */
const makeFeatureArgs = (): FeatureArgs => ({
  successes: new NoticesTopic("successes", { emails: [] }),
  errors: new NoticesTopic("errors", { emails: [] }),
  redrivables: {},
  environment: { DEBUG: "false" },
  logRetentionDays: 7,
  production: false,
});

/** The only resource of a type, or the one with this name. */
const find = (resources: MockedResource[], type: string, name?: string): MockedResource["inputs"] => {
  const found = resources.filter(resource => resource.type === type && (name === undefined || resource.name === name));
  expect(found, `${type} ${name ?? ""}`).to.have.lengthOf(1);
  return found[0]!.inputs;
};

const statementsOf = (resources: MockedResource[], name: string) =>
  JSON.parse(find(resources, "aws:iam/rolePolicy:RolePolicy", name)["policy"]).Statement as { Action: string[]; Resource: string[] }[];

export { door, find, idle, makeFeatureArgs, nothing, statementsOf };
