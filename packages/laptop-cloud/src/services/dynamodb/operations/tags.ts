import { AwsError } from "../../../kernel/aws-error";
import { listTags, readTags, type Tag, withoutTags } from "../../../kernel/tags";
import { validationError } from "../action";
import type { Engine, EngineOperation } from "../engine";
import { refuseUnknown } from "../request";
import type { Table } from "../store";

interface TagRequest {
  ResourceArn?: string;
  Tags?: Tag[];
  TagKeys?: string[];
}

const tagResource: EngineOperation = async (engine, input: TagRequest, call) => {
  refuseUnknown(input, ["ResourceArn", "Tags"]);
  call.authorize("dynamodb:TagResource", String(input.ResourceArn));
  await changeTags(engine, input, tags => ({ ...tags, ...readTags(input.Tags) }));
  return {};
};

const untagResource: EngineOperation = async (engine, input: TagRequest, call) => {
  refuseUnknown(input, ["ResourceArn", "TagKeys"]);
  call.authorize("dynamodb:UntagResource", String(input.ResourceArn));
  await changeTags(engine, input, tags => withoutTags(tags, input.TagKeys));
  return {};
};

/** Behaves as ListTagsOfResource, for tables; differs: returns one page. */
const listTagsOfResource: EngineOperation = async (engine, input: TagRequest, call) => {
  refuseUnknown(input, ["ResourceArn", "NextToken"]);
  call.authorize("dynamodb:ListTagsOfResource", String(input.ResourceArn));
  return { Tags: listTags(findTable(engine, input).tags) };
};

const changeTags = (engine: Engine, request: TagRequest, change: (tags: Record<string, string>) => Record<string, string>) => {
  const { TableName } = findTable(engine, request).description;
  return engine.locks.holdTable(TableName, () => {
    const table = findTable(engine, request);
    return engine.tables.put({ ...table, tags: change(table.tags) });
  });
};

/** Throws ValidationException, ResourceNotFoundException. */
const findTable = ({ tables }: Engine, { ResourceArn: arn }: TagRequest): Table => {
  const name = /^arn:aws:dynamodb:[^:]+:\d+:table\/([^/]+)$/.exec(String(arn))?.[1];
  if (name === undefined) throw validationError(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  const table = tables.get(name);
  if (table === undefined || table.description.TableArn !== arn)
    throw new AwsError("ResourceNotFoundException", `Requested resource not found: ResourcArn: ${arn} not found`);
  return table;
};

export { listTagsOfResource, tagResource, untagResource };
