import { Formatted } from "./formatted";
import type { Block, Workspace } from "./slack";

interface Props {
  block: Block;
  workspace: Workspace;
  press(actionId: string, value?: string): void;
}

/** The blocks that apps here use; others are named, not drawn. */
const BlockView = ({ block, workspace, press }: Props) => {
  switch (block.type) {
    case "divider":
      return <hr />;
    case "header":
      return <h3>{block.text?.text}</h3>;
    case "section":
      return (
        <div class="text">
          {block.text === undefined ? null : <Formatted text={block.text.text} workspace={workspace} />}
          {block.fields === undefined ? null : (
            <div class="fields">
              {block.fields.map(({ text }) => (
                <p key={text}>
                  <Formatted text={text} workspace={workspace} />
                </p>
              ))}
            </div>
          )}
          {block.accessory === undefined ? null : <Buttons elements={[block.accessory]} press={press} />}
        </div>
      );
    case "context":
      return (
        <p class="context">
          {block.elements?.map(({ text }, index) => (
            <Formatted key={index} text={textOf(text)} workspace={workspace} />
          ))}
        </p>
      );
    case "actions":
      return <Buttons elements={block.elements ?? []} press={press} />;
    default:
      return <p class="context">[{block.type}]</p>;
  }
};

const Buttons = ({ elements, press }: { elements: NonNullable<Block["elements"]>; press: Props["press"] }) => (
  <p class="actions">
    {elements
      .filter(({ type }) => type === "button")
      .map(({ action_id: actionId = "", value, text, style }) => (
        <button type="button" key={`${actionId} ${value}`} class={style} onClick={() => press(actionId, value)}>
          {textOf(text)}
        </button>
      ))}
  </p>
);

const textOf = (text: { text: string } | string | undefined) => (typeof text === "string" ? text : (text?.text ?? ""));

export { BlockView };
