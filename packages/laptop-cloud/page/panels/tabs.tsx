import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

interface TabListProps {
  label: string;
  tabs: string[];
  selected: string;
  onSelect(tab: string): void;
  /** Tabs have ids that begin with it. */
  id: string;
  /** The id of the element that a tab shows. */
  panelOf(tab: string): string;
  class?: string;
}

/** Tabs that follow the ARIA authoring practices: the arrow keys move between them. */
const TabList = ({ label, tabs, selected, onSelect, id, panelOf, class: className = "tabs" }: TabListProps) => {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (tabs.indexOf(selected) + step + tabs.length) % tabs.length;
    onSelect(tabs[next]!);
    list.current?.querySelectorAll<HTMLButtonElement>('[role="tab"]')[next]?.focus();
  };
  return (
    <div class={className} role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {tabs.map(tab => (
        <button
          type="button"
          role="tab"
          key={tab}
          id={`${id}-${tab}`}
          aria-selected={tab === selected}
          aria-controls={panelOf(tab)}
          tabIndex={tab === selected ? 0 : -1}
          onClick={() => onSelect(tab)}
        >
          {tab}
        </button>
      ))}
    </div>
  );
};

interface Props extends Pick<TabListProps, "label" | "tabs" | "selected" | "onSelect"> {
  children: ComponentChildren;
}

/** Tabs with the panel of the selected one. */
const Tabs = ({ children, ...tabs }: Props) => {
  const id = useId();
  return (
    <>
      <TabList {...tabs} id={id} panelOf={() => `${id}-panel`} />
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tabs.selected}`}>
        {children}
      </div>
    </>
  );
};

export { TabList, Tabs };
