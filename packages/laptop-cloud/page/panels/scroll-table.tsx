import type { ComponentChildren } from "preact";

interface Column {
  title: string;
  isNumber?: boolean;
}

interface Row {
  key: string;
  cells: ComponentChildren[];
  class?: string;
}

/** A table that scrolls in its own box, also by keyboard. */
const ScrollTable = ({ label, columns, rows }: { label: string; columns: Column[]; rows: Row[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll it only when it has the focus.
  <section class="scroll" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          {columns.map(({ title, isNumber }) => (
            <th key={title} scope="col" class={isNumber ? "number" : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells, class: className }) => (
          <tr key={key} class={className}>
            {cells.map((cell, index) => (
              // A cell is identified by its column.
              <td key={index} class={columns[index]?.isNumber ? "number" : undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

export { ScrollTable };
