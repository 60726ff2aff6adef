import type { Items } from "./cloud";

interface Props {
  /** Pulumi names. */
  tables: string[];
  table: string | undefined;
  items: Items | undefined;
  onTable(table: string): void;
}

/** More columns than these say more than a narrow panel can. */
const mostColumns = 6;
const longestCell = 60;

/** The program's tables, whatever they are: the largest numbers on top. */
const Tables = ({ tables, table, items, onTable }: Props) => (
  <section aria-labelledby="tables-title">
    <h2 id="tables-title">Tables</h2>
    {table === undefined ? (
      <p class="empty">The program has no tables.</p>
    ) : (
      <label>
        Table{" "}
        <select value={table} onChange={event => onTable(event.currentTarget.value)}>
          {tables.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    )}
    {items === undefined || items.name !== table ? null : <ItemsView items={items} />}
  </section>
);

const ItemsView = ({ items: shown }: { items: Items }) => {
  const { name, keys, items, count, hasMore } = shown;
  if (count === 0) return <p class="empty">No items yet.</p>;
  const columns = columnsOf(shown);
  return (
    <>
      <span class="empty">
        {" "}
        {count === 1 ? "1 item" : `${count}${hasMore ? " and more" : ""} items`}
        {items.length < count ? `, the first ${items.length} shown` : ""}
      </span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: reachable by keyboard, so that it can be scrolled. */}
      <section class="scroll" aria-label={`Items of ${name}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map(column => (
                <th key={column} scope="col" class={items.some(item => typeof item[column] === "number") ? "number" : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map(item => (
              <tr key={keys.map(key => String(item[key])).join(" ")}>
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

export { Tables };
