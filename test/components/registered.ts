/** Functions to be wired, and what a program registered for them. */
import { expect } from "chai";
import type { MockedResource } from "./mocked";

const nothing = { allow: [], environment: {}, callbackFactory: () => async () => {} };
const door = { ...nothing, callbackFactory: () => async () => ({ statusCode: 200 }) };

/** The only resource of a type, by name where there are more. */
const find = (resources: MockedResource[], type: string, name?: string): MockedResource["inputs"] => {
  const found = resources.filter(resource => resource.type === type && (name === undefined || resource.name === name));
  expect(found, `${type} ${name ?? ""}`).to.have.lengthOf(1);
  return found[0]!.inputs;
};

const statementsOf = (resources: MockedResource[], name: string) =>
  JSON.parse(find(resources, "aws:iam/rolePolicy:RolePolicy", name)["policy"]).Statement as { Action: string[]; Resource: string[] }[];

export { door, find, nothing, statementsOf };
