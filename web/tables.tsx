import { useState } from "preact/hooks";
import type { Table } from "./cloud";

/** More columns than these say more than a narrow panel can. */
const mostColumns = 6;
const mostRows = 100;
const longestCell = 60;

/** The program's tables, whatever they are: the one with the clearest counts first, its largest numbers on top. */
const Tables = ({ tables }: { tables: Table[] }) => {
  const [chosen, choose] = useState<string>();
  const table = tables.find(({ name }) => name === chosen) ?? tables.find(hasCounts) ?? tables[0];
  return (
    <section aria-labelledby="tables-title">
      <h2 id="tables-title">Tables</h2>
      {table === undefined ? (
        <p class="empty">The program has no tables.</p>
      ) : (
        <>
          <label>
            Table{" "}
            <select value={table.name} onChange={event => choose(event.currentTarget.value)}>
              {tables.map(({ name, items, hasMore }) => (
                <option key={name} value={name}>
                  {name} ({items.length}
                  {hasMore ? "+" : ""})
                </option>
              ))}
            </select>
          </label>
          <Items table={table} />
        </>
      )}
    </section>
  );
};

/** Few columns, and a number among them. */
const hasCounts = ({ items: [item] }: Table) => item !== undefined && Object.values(item).some(value => typeof value === "number");

const Items = ({ table }: { table: Table }) => {
  if (table.items.length === 0) return <p class="empty">{table.table} is empty.</p>;
  const columns = columnsOf(table);
  const rows = sortItems(table, columns).slice(0, mostRows);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: reachable by keyboard, so that it can be scrolled.
    <section class="scroll" aria-label={`Items of ${table.name}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column} scope="col" class={rows.some(item => typeof item[column] === "number") ? "number" : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(item => (
            <tr key={table.keys.map(key => String(item[key])).join(" ")}>
              {columns.map(column => (
                <td key={column} class={typeof item[column] === "number" ? "number" : undefined}>
                  {show(item[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

/** The keys, then numbers, then the rest, as they come. */
const columnsOf = ({ keys, items }: Table): string[] => {
  const others = [...new Set(items.flatMap(item => Object.keys(item)))].filter(column => !keys.includes(column));
  const isNumber = (column: string) => items.some(item => typeof item[column] === "number");
  return [...keys, ...others.filter(isNumber), ...others.filter(column => !isNumber(column))].slice(0, mostColumns);
};

const sortItems = ({ items, keys }: Table, columns: string[]) => {
  const number = columns.find(column => !keys.includes(column) && items.some(item => typeof item[column] === "number"));
  const numberOf = (item: Record<string, unknown>) =>
    number === undefined ? 0 : typeof item[number] === "number" ? item[number] : -Infinity;
  const keyOf = (item: Record<string, unknown>) => keys.map(key => String(item[key])).join(" ");
  return [...items].sort((a, b) => numberOf(b) - numberOf(a) || keyOf(a).localeCompare(keyOf(b)));
};

const show = (value: unknown): string => {
  if (value === undefined) return "";
  const text =
    typeof value === "string"
      ? value
      : typeof value === "number"
        ? value.toLocaleString("en-US", { useGrouping: false })
        : JSON.stringify(value);
  return text.length > longestCell ? `${text.slice(0, longestCell)}...` : text;
};

export { Tables };
