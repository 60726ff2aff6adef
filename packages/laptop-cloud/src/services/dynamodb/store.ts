import { AwsError } from "../../kernel/aws-error";
import { type Database, tableKey, under } from "./database";

interface KeySchemaElement {
  AttributeName: string;
  KeyType: "HASH" | "RANGE";
}

interface SecondaryIndex {
  IndexName: string;
  KeySchema: KeySchemaElement[];
  Projection: { ProjectionType: "ALL" | "KEYS_ONLY" | "INCLUDE"; NonKeyAttributes?: string[] };
  ProvisionedThroughput?: Throughput;
}

interface Throughput {
  ReadCapacityUnits: number;
  WriteCapacityUnits: number;
}

/** The input of CreateTable. */
interface TableSpec {
  TableName: string;
  AttributeDefinitions: { AttributeName: string; AttributeType: "S" | "N" | "B" }[];
  KeySchema: KeySchemaElement[];
  LocalSecondaryIndexes?: SecondaryIndex[];
  GlobalSecondaryIndexes?: SecondaryIndex[];
  BillingMode?: "PROVISIONED" | "PAY_PER_REQUEST";
  ProvisionedThroughput?: Throughput;
  DeletionProtectionEnabled?: boolean;
}

/** A table as DescribeTable shows it. */
interface TableDescription extends Omit<TableSpec, "BillingMode"> {
  TableArn: string;
  TableId: string;
  TableStatus: "ACTIVE" | "DELETING";
  CreationDateTime: number;
  ItemCount: number;
  TableSizeBytes: number;
  BillingModeSummary?: { BillingMode: string; LastUpdateToPayPerRequestDateTime?: number };
}

/** A table as it is stored. */
interface Table {
  description: TableDescription;
  /** The attribute that contains an item's expiry time in epoch seconds. */
  expiryAttribute?: string;
  continuousBackups: boolean;
  tags: Record<string, string>;
}

/** All tables, in memory and in the database. */
class Tables {
  readonly #tables = new Map<string, Table>();

  constructor(private readonly database: Database) {}

  async load() {
    for await (const value of this.database.values(under(tableKey("")))) {
      const table = JSON.parse(value) as Table;
      this.#tables.set(table.description.TableName, table);
    }
  }

  get(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  /** Throws ResourceNotFoundException, in the words of the item operations. */
  find(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
    return table;
  }

  /** Throws ResourceNotFoundException, in the words of the table operations. */
  describe(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new AwsError("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`);
    return table;
  }

  all(): Table[] {
    return [...this.#tables.values()].sort((a, b) => (a.description.TableName < b.description.TableName ? -1 : 1));
  }

  async put(table: Table) {
    const name = table.description.TableName;
    await this.database.write([{ key: tableKey(name), value: JSON.stringify(table) }]);
    this.#tables.set(name, table);
  }

  /** Removes the table from memory only: the caller deletes its record and data. */
  forget(name: string) {
    this.#tables.delete(name);
  }
}

/** All secondary indexes, local ones first. */
const indexesOf = ({ LocalSecondaryIndexes = [], GlobalSecondaryIndexes = [] }: Partial<TableSpec>): SecondaryIndex[] => [
  ...LocalSecondaryIndexes,
  ...GlobalSecondaryIndexes,
];

const typeOf = ({ AttributeDefinitions }: Pick<TableSpec, "AttributeDefinitions">, attribute: string) =>
  AttributeDefinitions.find(({ AttributeName }) => AttributeName === attribute)!.AttributeType;

export type { KeySchemaElement, SecondaryIndex, Table, TableDescription, TableSpec };
export { indexesOf, Tables, typeOf };
