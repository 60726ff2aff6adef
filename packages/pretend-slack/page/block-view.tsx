import type { ComponentChildren } from "preact";
import { toSameSite } from "../../laptop-cloud/page/same-site";
import { Formatted } from "./formatted";
import { showEmoji } from "./glyphs";
import type { Block, BlockElement, Text, Workspace } from "./slack";

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
      return <h3>{showEmoji(block.text?.text ?? "")}</h3>;
    case "section":
      return (
        <div class="text">
          {block.text === undefined ? null : drawText(block.text, workspace)}
          {block.fields === undefined ? null : (
            <div class="fields">
              {block.fields.map((text, index) => (
                <p key={index}>{drawText(text, workspace)}</p>
              ))}
            </div>
          )}
          {block.accessory === undefined ? null : <Controls elements={[block.accessory]} press={press} />}
        </div>
      );
    case "context":
      return (
        <p class="context">
          {block.elements?.map((element, index) => (
            <span key={index}>{drawContext(element, workspace)}</span>
          ))}
        </p>
      );
    case "actions":
      return <Controls elements={block.elements ?? []} press={press} />;
    default:
      return <p class="context">[{block.alt_text ?? block.type}]</p>;
  }
};

/** In plain text nothing but emoji is a sign. */
const drawText = ({ type, text }: Text, workspace: Workspace): ComponentChildren =>
  type === "plain_text" ? showEmoji(text) : <Formatted text={text} workspace={workspace} />;

/** Texts of a context stand for themselves; pictures are elsewhere, and nothing is asked from there. */
const drawContext = ({ type, text, alt_text: alt }: BlockElement, workspace: Workspace): ComponentChildren => {
  if (text === undefined) return `[${alt ?? type}]`;
  return drawText(typeof text === "string" ? { type, text } : text, workspace);
};

interface ControlProps extends Pick<Props, "press"> {
  element: BlockElement;
}

const Controls = ({ elements, press }: { elements: BlockElement[]; press: Props["press"] }) => (
  <p class="actions">
    {elements.map((element, index) => (
      <Control key={index} element={element} press={press} />
    ))}
  </p>
);

/** Only such an address is followed; others could run something. */
const followed = /^(?:https?|mailto):/i;

/** A button. One that leads somewhere tells the app too, as in Slack. */
const Control = ({ element: { type, action_id: actionId = "", value, text, style, url = "" }, press }: ControlProps) => {
  if (type !== "button") return <span>[{type}]</span>;
  const label = showEmoji(typeof text === "string" ? text : (text?.text ?? ""));
  const onClick = () => press(actionId, value);
  return followed.test(url) ? (
    <a class="button" href={toSameSite(url, location.hostname)} target="_blank" rel="noreferrer noopener" onClick={onClick}>
      {label}
    </a>
  ) : (
    <button type="button" class={style} onClick={onClick}>
      {label}
    </button>
  );
};

export { BlockView };
