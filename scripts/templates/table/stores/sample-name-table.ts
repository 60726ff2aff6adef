/** The table `sample-name`: items by owner. */
import type { Table } from "#stores/table";

class SampleNameTable {
  constructor(private readonly table: Pick<Table, "put" | "query">) {}

  /** Puts an item. Doing it again changes nothing. */
  async put(owner: string, item: string): Promise<void> {
    await this.table.put({ owner, item });
  }

  /** Reads the owner's first items, at most 1 MB. */
  async read(owner: string): Promise<string[]> {
    const rows = await this.table.query<{ item: string }>({
      KeyConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":owner": owner },
    });
    return rows.map(({ item }) => item);
  }
}

export { SampleNameTable };
