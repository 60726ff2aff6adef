import type { Items } from "../control";
import { ScrollTable } from "./scroll-table";

/** More columns than these say more than a narrow panel can. */
const mostColumns = 6;
const longestCell = 60;

/** A table's items, whatever they are: the largest numbers on top. */
const TablePanel = ({ items: shown }: { items: Items }) => {
  const { name, keys, items, count, hasMore } = shown;
  if (count === 0) return <p class="empty">No items yet.</p>;
  const columns = columnsOf(shown);
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
          cells: columns.map(column => show(item[column])),
        }))}
      />
    </>
  );
};

/** The keys, the number that they are sorted by, then the rest as it comes. */
const columnsOf = ({ keys, sortedBy, items }: Items): string[] =>
  [...new Set([...keys, ...(sortedBy === null ? [] : [sortedBy]), ...items.flatMap(item => Object.keys(item))])].slice(0, mostColumns);

const show = (value: unknown): string => {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longestCell ? `${text.slice(0, longestCell)}...` : text;
};

export { TablePanel };
