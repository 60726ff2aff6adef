/** A DynamoDB table whose rows are plain objects: marshals requests, unmarshals answers, and retries until a deadline. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { Deadline } from "#core/deadline";
import { retryUntil } from "#stores/retry";

/** The value of an attribute. Undefined attributes are omitted. */
type Value = string | number | boolean | null | undefined | Set<string> | readonly Value[] | { readonly [name: string]: Value };
type Row = Readonly<Record<string, Value>>;

type RowNames = "Key" | "Item" | "ExpressionAttributeValues";

/** A request in DynamoDB's own words, with plain rows and without the table's name. */
type Request<Input> = { [Name in keyof Input as Exclude<Name, "TableName">]: Name extends RowNames ? Row : Input[Name] };
type ConditionalRequest<Input> = Request<Omit<Input, "ReturnValuesOnConditionCheckFailure">> & { ConditionExpression: string };

/** How a conditional write ended. `row` is the row that the request returns, or the row that failed the condition. */
interface Outcome<R> {
  isWritten: boolean;
  row: R | undefined;
}

/** A deadline retries transient errors until it passes. A signal aborts a single attempt. Without either, the client's own timeouts apply. */
type Within = Deadline | AbortSignal;

type Item = ReturnType<typeof marshallRow>;

interface Page<R> {
  rows: R[];
  next: Item | undefined;
}

const marshallRow = (row: Row) => marshall(row, { removeUndefinedValues: true });

const parseRow = <R>(item: Item | undefined): R | undefined => item && (unmarshall(item) as R);

/** Builds the input of a command, or of one write of a transaction. */
const buildInput = <Input extends { TableName: string | undefined }>(TableName: string, request: Request<Input>): Input => {
  const { Key, Item, ExpressionAttributeValues: values, ...rest }: Partial<Record<RowNames, Row>> = request;
  return {
    TableName,
    ...rest,
    ...(Key && { Key: marshallRow(Key) }),
    ...(Item && { Item: marshallRow(Item) }),
    ...(values && { ExpressionAttributeValues: marshallRow(values) }),
  } as Partial<Input> as Input;
};

const send = <T>(call: (options: { abortSignal?: AbortSignal }) => Promise<T>, within?: Within): Promise<T> =>
  within instanceof Deadline ? retryUntil(within, () => call({ abortSignal: within.signal() })) : call({ abortSignal: within });

class Table {
  constructor(
    readonly client: DynamoDBClient,
    readonly name: string,
  ) {}

  /** Builds the input of one write of a transaction. */
  build<Input extends { TableName: string | undefined }>(request: Request<Input>): Input {
    return buildInput<Input>(this.name, request);
  }

  /** Reads a row, strongly consistent; undefined if there is none. */
  async get<R>(key: Row, within?: Within): Promise<R | undefined> {
    const command = new GetItemCommand({ TableName: this.name, Key: marshallRow(key), ConsistentRead: true });
    const { Item } = await send(options => this.client.send(command, options), within);
    return parseRow<R>(Item);
  }

  /** Puts a row, and replaces the row that has its key. */
  async put(Item: Row, within?: Within): Promise<void> {
    await this.sendPut({ Item }, within);
  }

  /** Puts a row if the condition holds. */
  async putIf<R>(request: ConditionalRequest<PutItemCommandInput>, within?: Within): Promise<Outcome<R>> {
    return attempt(() => this.sendPut({ ...request, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }, within));
  }

  /** Updates a row. Returns it if the request says so in `ReturnValues`. */
  async update<R>(request: Request<UpdateItemCommandInput>, within?: Within): Promise<R | undefined> {
    return parseRow<R>(await this.sendUpdate(request, within));
  }

  /** Updates a row if the condition holds. */
  async updateIf<R>(request: ConditionalRequest<UpdateItemCommandInput>, within?: Within): Promise<Outcome<R>> {
    return attempt(() => this.sendUpdate({ ...request, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }, within));
  }

  /** Deletes a row, if there is one. */
  async delete(Key: Row, within?: Within): Promise<void> {
    await this.sendDelete({ Key }, within);
  }

  /** Deletes a row if the condition holds. */
  async deleteIf<R>(request: ConditionalRequest<DeleteItemCommandInput>, within?: Within): Promise<Outcome<R>> {
    return attempt(() => this.sendDelete({ ...request, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }, within));
  }

  /** Reads one page of rows. */
  async query<R>(request: Request<QueryCommandInput>, within?: Within): Promise<R[]> {
    return (await this.queryPage<R>(request, within)).rows;
  }

  /** Reads one page of rows, and the `ExclusiveStartKey` of the next page if there is one. */
  async queryPage<R>(request: Request<QueryCommandInput>, within?: Within): Promise<Page<R>> {
    const { Items = [], LastEvaluatedKey } = await this.sendQuery(request, within);
    return { rows: Items.map(item => unmarshall(item) as R), next: LastEvaluatedKey };
  }

  /** Reads one part of the whole table, and the key after which the next part begins. */
  async scanPage<R, Key extends Row>(
    { after, limit }: { after?: Key | undefined; limit: number },
    within?: Within,
  ): Promise<{ rows: R[]; next: Key | undefined }> {
    const command = new ScanCommand({
      TableName: this.name,
      Limit: limit,
      ConsistentRead: true,
      ...(after && { ExclusiveStartKey: marshallRow(after) }),
    });
    const { Items = [], LastEvaluatedKey } = await send(options => this.client.send(command, options), within);
    return { rows: Items.map(item => unmarshall(item) as R), next: parseRow<Key>(LastEvaluatedKey) };
  }

  /** Reads rows page by page, for as long as the caller asks for more. */
  async *queryAll<R>(request: Request<QueryCommandInput>, within?: Within): AsyncGenerator<R> {
    let next: Item | undefined;
    do {
      const page: Page<R> = await this.queryPage<R>({ ...request, ExclusiveStartKey: next }, within);
      yield* page.rows;
      next = page.next;
    } while (next !== undefined);
  }

  private async sendPut(request: Request<PutItemCommandInput>, within?: Within): Promise<undefined> {
    const command = new PutItemCommand(this.build(request));
    await send(options => this.client.send(command, options), within);
  }

  private async sendUpdate(request: Request<UpdateItemCommandInput>, within?: Within): Promise<Item | undefined> {
    const command = new UpdateItemCommand(this.build(request));
    return (await send(options => this.client.send(command, options), within)).Attributes;
  }

  private async sendDelete(request: Request<DeleteItemCommandInput>, within?: Within): Promise<undefined> {
    const command = new DeleteItemCommand(this.build(request));
    await send(options => this.client.send(command, options), within);
  }

  private sendQuery(request: Request<QueryCommandInput>, within?: Within): Promise<QueryCommandOutput> {
    const command = new QueryCommand(this.build(request));
    return send(options => this.client.send(command, options), within);
  }
}

const attempt = async <R>(write: () => Promise<Item | undefined>): Promise<Outcome<R>> => {
  try {
    return { isWritten: true, row: parseRow<R>(await write()) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { isWritten: false, row: parseRow<R>(error.Item) };
  }
};

export type { ConditionalRequest, Page, Request, Row };
export { buildInput, parseRow, Table };
