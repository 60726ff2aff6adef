import { useId } from "preact/hooks";
import type { Graph } from "./graph";
import { findNodes, titleOf } from "./search";

interface Props {
  graph: Graph;
  search: string;
  onSearch(text: string): void;
  onSelect(id: string): void;
  /** Enlarges by a factor. */
  onZoom(factor: number): void;
  /** Shows the whole diagram. */
  onFit(): void;
}

/** How much one press of a button enlarges. */
const STEP = 1.4;

/** The diagram's title, search and zoom. */
const DiagramBar = ({ graph, search, onSearch, onSelect, onZoom, onFit }: Props) => {
  const names = useId();
  const [found] = findNodes(graph, search);
  const find = (event: Event) => {
    event.preventDefault();
    if (found !== undefined) onSelect(found.id);
  };
  return (
    <div class="diagram-bar">
      <h2 id="diagram-title">Program</h2>
      <form class="find" onSubmit={find}>
        <span role="status" class="empty">
          {search.trim() !== "" && found === undefined ? "No resource has this name. " : ""}
        </span>
        <input
          type="search"
          list={names}
          placeholder="Find a resource"
          aria-label="Find a resource"
          value={search}
          onInput={({ currentTarget }) => onSearch(currentTarget.value)}
        />
        <datalist id={names}>
          {graph.nodes.map(node => (
            <option key={node.id} value={titleOf(node)} />
          ))}
        </datalist>
      </form>
      <div class="zoom">
        <button type="button" aria-label="Zoom out" onClick={() => onZoom(1 / STEP)}>
          −
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => onZoom(STEP)}>
          +
        </button>
        <button type="button" onClick={onFit}>
          Fit
        </button>
      </div>
    </div>
  );
};

export { DiagramBar };
