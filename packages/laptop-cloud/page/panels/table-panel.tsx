import { useState } from "preact/hooks";
import type { Items } from "../../src/protocol";
import { control } from "../control";
import { useLiveData } from "../use-live-data";
import type { NodePanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

/** A narrow panel has no room for more. */
const MAX_COLUMNS = 6;
const MAX_CELL_LENGTH = 60;

/** A table's items, or those with one partition key. A text filters what was read. */
const TablePanel = ({ name }: NodePanelProps) => {
  const [key, setKey] = useState("");
  const [filter, setFilter] = useState("");
  const data = useLiveData(`items ${name} ${key}`, () => (key === "" ? control.readItems(name) : control.queryItems(name, key)));
  const partitionKey = data?.keys[0] ?? "key";
  const wanted = filter.trim().toLowerCase();
  const found = data?.items.filter(item => wanted === "" || JSON.stringify(item).toLowerCase().includes(wanted)) ?? [];
  return (
    <>
      <div class="panel-line fields">
        <input
          type="search"
          placeholder="Filter"
          aria-label={`Filter the items of ${name}`}
          value={filter}
          onInput={({ currentTarget }) => setFilter(currentTarget.value)}
        />
        <form
          onSubmit={event => {
            event.preventDefault();
            setKey(String(new FormData(event.currentTarget).get("key")).trim());
          }}
        >
          <input type="search" name="key" placeholder={`${partitionKey} is`} aria-label={`Partition key of ${name}`} />
          <button type="submit">Look up</button>
        </form>
      </div>
      {data === undefined ? null : <ItemTable data={data} found={found} isFiltered={wanted !== "" || key !== ""} />}
    </>
  );
};

const ItemTable = ({ data, found, isFiltered }: { data: Items; found: Items["items"]; isFiltered: boolean }) => {
  const { name, keys, items, count, hasMore } = data;
  if (found.length === 0) return <p class="empty">{isFiltered ? "No item matches." : "No items yet."}</p>;
  const columns = columnsOf(data);
  const isNumber = (column: string) => items.some(item => typeof item[column] === "number");
  return (
    <>
      <p class="empty">
        {found.length < items.length ? `${found.length} of ` : ""}
        {count === 1 ? "1 item" : `${count}${hasMore ? " and more" : ""} items`}
        {items.length < count ? `, the first ${items.length} shown` : ""}
      </p>
      <ScrollTable
        label={`Items of ${name}`}
        columns={columns.map(title => ({ title, isNumber: isNumber(title) }))}
        rows={found.map(item => ({
          key: keys.map(key => String(item[key])).join(" "),
          cells: columns.map(column => cellOf(item[column])),
        }))}
      />
    </>
  );
};

/** The keys, the number that sorts the items, then the other attributes. */
const columnsOf = ({ keys, sortedBy, items }: Items): string[] =>
  [...new Set([...keys, ...(sortedBy === null ? [] : [sortedBy]), ...items.flatMap(item => Object.keys(item))])].slice(0, MAX_COLUMNS);

/** A value, cut where it is long. Pointing at it shows all of it. */
const cellOf = (value: unknown) => {
  if (value === undefined) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_CELL_LENGTH ? <span title={text}>{text.slice(0, MAX_CELL_LENGTH)}...</span> : text;
};

export { TablePanel };
