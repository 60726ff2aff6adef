import type { Items } from "../../src/protocol";
import { ScrollTable } from "./scroll-table";

/** A narrow panel has no room for more. */
const MAX_COLUMNS = 6;
const MAX_CELL_LENGTH = 60;

/** A table's items, the largest numbers first. */
const TablePanel = ({ data }: { data: Items }) => {
  const { name, keys, items, count, hasMore } = data;
  if (count === 0) return <p class="empty">No items yet.</p>;
  const columns = columnsOf(data);
  const isNumber = (column: string) => items.some(item => typeof item[column] === "number");
  return (
    <>
      <p class="empty">
        {count === 1 ? "1 item" : `${count}${hasMore ? " and more" : ""} items`}
        {items.length < count ? `, the first ${items.length} shown` : ""}
      </p>
      <ScrollTable
        label={`Items of ${name}`}
        columns={columns.map(title => ({ title, isNumber: isNumber(title) }))}
        rows={items.map(item => ({
          key: keys.map(key => String(item[key])).join(" "),
          cells: columns.map(column => format(item[column])),
        }))}
      />
    </>
  );
};

/** The keys, the number that sorts the items, then the other attributes. */
const columnsOf = ({ keys, sortedBy, items }: Items): string[] =>
  [...new Set([...keys, ...(sortedBy === null ? [] : [sortedBy]), ...items.flatMap(item => Object.keys(item))])].slice(0, MAX_COLUMNS);

const format = (value: unknown): string => {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_CELL_LENGTH ? `${text.slice(0, MAX_CELL_LENGTH)}...` : text;
};

export { TablePanel };
