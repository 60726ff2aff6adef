import type { Service } from "../../../kernel/service";
import type { Parameters } from "../store";
import { deleteParameter, deleteParameters, putParameter } from "./changes";
import { describeParameters } from "./describe-parameters";
import { labelParameterVersion, unlabelParameterVersion } from "./labels";
import { getParameter, getParameterHistory, getParameters, getParametersByPath } from "./reads";
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from "./tags";

/** The operations by the names that AWS gives them. Each behaves as its page in the Systems Manager API reference. */
const createOperations = (parameters: Parameters): Service["operations"] => ({
  AddTagsToResource: addTagsToResource(parameters),
  DeleteParameter: deleteParameter(parameters),
  DeleteParameters: deleteParameters(parameters),
  DescribeParameters: describeParameters(parameters),
  GetParameter: getParameter(parameters),
  GetParameterHistory: getParameterHistory(parameters),
  GetParameters: getParameters(parameters),
  GetParametersByPath: getParametersByPath(parameters),
  LabelParameterVersion: labelParameterVersion(parameters),
  ListTagsForResource: listTagsForResource(parameters),
  PutParameter: putParameter(parameters),
  RemoveTagsFromResource: removeTagsFromResource(parameters),
  UnlabelParameterVersion: unlabelParameterVersion(parameters),
});

export { createOperations };
